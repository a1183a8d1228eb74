package io.trimtab.engine.vision;

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
public final class PictureCache {
  private record Key(String tenant, String sha256) {}

  private final long bytesMax;
  private final Map<Key, Picture> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  public PictureCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  public synchronized Optional<Picture> get(String tenant, String sha256) {
    return Optional.ofNullable(entries.get(new Key(tenant, sha256)));
  }

  public synchronized void put(String tenant, Picture picture) {
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
