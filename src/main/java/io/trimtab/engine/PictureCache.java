package io.trimtab.engine;

import io.trimtab.model.text.Picture;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Pictures that tenants have sent, so that they can be named by digest, least recently used out
 * first, within a limit of bytes. A tenant sees its own alone. Safe for use by many threads; the
 * lock guards map and byte count.
 */
final class PictureCache {
  private record Key(String tenant, String sha256) {}

  private final long bytesMax;
  private final Map<Key, Picture> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  PictureCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  synchronized Optional<Picture> get(String tenant, String sha256) {
    return Optional.ofNullable(entries.get(new Key(tenant, sha256)));
  }

  synchronized void put(String tenant, Picture picture) {
    if (picture.encoded().length > bytesMax
        || entries.put(new Key(tenant, picture.sha256()), picture) != null) {
      return;
    }
    bytes += picture.encoded().length;
    Iterator<Picture> eldest = entries.values().iterator();
    while (bytes > bytesMax) {
      bytes -= eldest.next().encoded().length;
      eldest.remove();
    }
  }
}
