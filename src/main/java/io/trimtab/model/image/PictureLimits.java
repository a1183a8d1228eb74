package io.trimtab.model.image;

/**
 * How large a picture may be, checked before any of its pixels is decoded.
 *
 * @param bytesMax encoded bytes
 * @param pixelsMax width times height
 * @param sideMax pixels along either side
 */
public record PictureLimits(int bytesMax, long pixelsMax, int sideMax) {
  /** The largest picture whose RGB bytes fit one array. */
  public static final long PIXELS_LIMIT = Integer.MAX_VALUE / 3 - 8;

  public PictureLimits {
    if (bytesMax < 1 || sideMax < 1 || pixelsMax < 1 || pixelsMax > PIXELS_LIMIT) {
      throw new IllegalArgumentException(
          "Expected bytesMax and sideMax of at least 1 and pixelsMax from 1 to %d, got %d, %d and %d"
              .formatted(PIXELS_LIMIT, bytesMax, sideMax, pixelsMax));
    }
  }

  /** 20 MiB, 32 Mi pixels, 65,535 pixels a side (JPEG's own limit). */
  public static PictureLimits defaults() {
    return new PictureLimits(20 << 20, 32 << 20, 65_535);
  }
}
