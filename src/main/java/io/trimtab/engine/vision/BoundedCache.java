package io.trimtab.engine.vision;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What may be used again, least recently used out first, within a limit of bytes. What someone
 * still holds lives on when it is evicted here. Safe for use by many threads; the lock guards map
 * and byte count.
 */
public final class BoundedCache<K, V> {
  private final long bytesMax;
  private final ToLongFunction<V> size;
  private final Map<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /**
   * @param size bytes that a value takes
   */
  public BoundedCache(long bytesMax, ToLongFunction<V> size) {
    this.bytesMax = bytesMax;
    this.size = size;
  }

  public synchronized @Nullable V get(K key) {
    return entries.get(key);
  }

  /** Keeps a value; one larger than the whole limit is not kept, one that is there stays. */
  public synchronized void put(K key, V value) {
    long added = size.applyAsLong(value);
    if (added > bytesMax || entries.get(key) != null) {
      return;
    }
    entries.put(key, value);
    bytes += added;
    Iterator<V> eldest = entries.values().iterator();
    while (bytes > bytesMax) {
      bytes -= size.applyAsLong(eldest.next());
      eldest.remove();
    }
  }

  synchronized long bytes() {
    return bytes;
  }
}
