package io.trimtab.model.image;

/**
 * A decoded picture: 8-bit RGB, row-major, three interleaved bytes a pixel, no row padding.
 *
 * <p>The array is handed over, not copied (a picture may take hundreds of megabytes): whoever
 * creates the record does not write to it afterwards, and neither do readers.
 *
 * @param width pixels in a row, at least 1
 * @param height rows, at least 1
 * @param rgb {@code 3 * width * height} unsigned bytes
 */
public record RgbImage(int width, int height, byte[] rgb) {
  public RgbImage {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "A picture of %d×%d pixels takes %d bytes, the array has %d"
              .formatted(width, height, 3L * width * height, rgb.length));
    }
  }
}
