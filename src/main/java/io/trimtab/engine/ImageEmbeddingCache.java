package io.trimtab.engine;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Image embeddings by what made them, least recently used out first, within a limit of bytes. What
 * a running request holds stays alive when it is evicted here. Safe for use by many threads; the
 * lock guards map and byte count.
 */
final class ImageEmbeddingCache {
  /**
   * What determines an embedding: the picture and the projector.
   *
   * @param picture sha-256 of the encoded picture
   * @param projector digest and scale of the projector's delta; empty for base
   */
  record Key(String picture, String projector) {}

  private final long bytesMax;
  private final Map<Key, ImageEmbeddings> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  ImageEmbeddingCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  synchronized @Nullable ImageEmbeddings get(Key key) {
    return entries.get(key);
  }

  /** Keeps an embedding; one larger than the whole limit is not kept. */
  synchronized void put(Key key, ImageEmbeddings value) {
    long size = value.embeddings().byteSize();
    if (size > bytesMax || entries.containsKey(key)) {
      return;
    }
    entries.put(key, value);
    bytes += size;
    Iterator<ImageEmbeddings> eldest = entries.values().iterator();
    while (bytes > bytesMax) {
      bytes -= eldest.next().embeddings().byteSize();
      eldest.remove();
    }
  }

  synchronized long bytes() {
    return bytes;
  }
}
