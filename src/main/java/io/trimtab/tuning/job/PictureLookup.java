package io.trimtab.tuning.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Pictures of a job by digest, read when they are asked for; of those asked for last, as many are
 * kept as fit the bound, and always the latest one. One thread.
 */
final class PictureLookup implements Function<String, PictureFeatures> {
  private final Path folder;
  private final long bytesMax;
  private final Map<String, PictureFeatures> kept = new LinkedHashMap<>(16, 0.75f, true);
  private long keptBytes;

  PictureLookup(Path folder, long bytesMax) {
    this.folder = folder;
    this.bytesMax = bytesMax;
  }

  @Override
  public PictureFeatures apply(String sha256) {
    PictureFeatures found = kept.get(sha256);
    if (found != null) {
      return found;
    }
    PictureFeatures read = read(sha256);
    kept.put(sha256, read);
    keptBytes += bytes(read);
    Iterator<PictureFeatures> eldest = kept.values().iterator();
    while (keptBytes > bytesMax && kept.size() > 1) {
      keptBytes -= bytes(eldest.next());
      eldest.remove();
    }
    return read;
  }

  private PictureFeatures read(String sha256) {
    try {
      return PictureFile.read(PictureFile.in(folder, sha256), sha256);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long bytes(PictureFeatures picture) {
    long numbers = (long) picture.features().length + 2L * picture.rows().length;
    return Float.BYTES * numbers;
  }
}
