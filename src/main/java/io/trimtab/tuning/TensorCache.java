package io.trimtab.tuning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Float32 tensors by key, the least recently used leaving first. It owns what it holds. Over its
 * bound only between {@link #put} and {@link #trim}, so that a step may use all it has asked for.
 * Owned by one thread.
 */
final class TensorCache<K> implements AutoCloseable {
  private final long bytesMax;
  private final Map<K, NDArray> tensors = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  TensorCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Null where there is none. */
  @Nullable NDArray get(K key) {
    return tensors.get(key);
  }

  /** Takes the tensor out of the open scope; for a key that has none. */
  void put(K key, NDArray tensor) {
    NDScope.unregister(tensor);
    tensors.put(key, tensor);
    bytes += bytes(tensor);
  }

  /** Closes what is over the bound. */
  void trim() {
    Iterator<NDArray> oldest = tensors.values().iterator();
    while (bytes > bytesMax && oldest.hasNext()) {
      NDArray tensor = oldest.next();
      bytes -= bytes(tensor);
      tensor.close();
      oldest.remove();
    }
  }

  int size() {
    return tensors.size();
  }

  private static long bytes(NDArray tensor) {
    return tensor.size() * Float.BYTES;
  }

  @Override
  public void close() {
    tensors.values().forEach(NDArray::close);
    tensors.clear();
    bytes = 0;
  }
}
