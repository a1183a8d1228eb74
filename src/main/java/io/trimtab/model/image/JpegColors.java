package io.trimtab.model.image;

import java.awt.image.Raster;

/**
 * From a JPEG's stored components to RGB, as libjpeg (jdcolor.c) and then Pillow do it.
 *
 * <p>ImageIO's own conversion would apply an embedded colour profile, which Pillow does not, and
 * reads no CMYK at all; so its reader only delivers components (inverse DCT and chroma upsampling
 * are libjpeg's and give Pillow's values, but for one case).
 */
final class JpegColors {
  private static final int SCALE_BITS = 16;
  private static final int HALF = 1 << (SCALE_BITS - 1);

  private JpegColors() {}

  static RgbImage toRgb(Raster raster, JpegHeader header) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    int bands = raster.getNumBands();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[width * bands];
    int[] far = new int[width * bands];
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      int farther = Math.clamp(y + (y % 2 == 0 ? -1 : 1), 0, height - 1);
      blendHalfHigh(row, far, raster, farther, header);
      int out = 3 * width * y;
      for (int x = 0; x < width; x++, out += 3) {
        int in = x * bands;
        switch (header.colors()) {
          case GREY -> put(rgb, out, row[in], row[in], row[in]);
          case RGB -> put(rgb, out, row[in], row[in + 1], row[in + 2]);
          case YCC -> putYcc(rgb, out, row, in);
          case CMYK -> putInvertedCmyk(rgb, out, row[in], row[in + 1], row[in + 2], row[in + 3]);
          case YCCK -> {
            putYcc(rgb, out, row, in);
            // YCCK's first three are the complement of CMY.
            int cyan = 255 - (rgb[out] & 0xff);
            int magenta = 255 - (rgb[out + 1] & 0xff);
            int yellow = 255 - (rgb[out + 2] & 0xff);
            putInvertedCmyk(rgb, out, cyan, magenta, yellow, row[in + 3]);
          }
        }
      }
    }
    return new RgbImage(width, height, rgb);
  }

  /**
   * Components of half the height: libjpeg-turbo (jdsample.c, {@code h1v2_fancy_upsample}), which
   * Pillow is built with, blends rows 3:1, where the JDK's older libjpeg repeats them. A repeated
   * row is the stored one, so blending can be made up for.
   */
  private static void blendHalfHigh(
      int[] row, int[] far, Raster raster, int farther, JpegHeader header) {
    boolean isRead = false;
    for (int band = 0; band < raster.getNumBands(); band++) {
      if (!header.halfHigh()[band]) {
        continue;
      }
      int width = raster.getWidth();
      if (!isRead) {
        raster.getPixels(raster.getMinX(), raster.getMinY() + farther, width, 1, far);
        isRead = true;
      }
      // Alternating rounding, by whether the farther row is the one above (odd) or below (even).
      int rounding = farther % 2 == 0 ? 2 : 1;
      for (int at = band; at < row.length; at += raster.getNumBands()) {
        row[at] = (3 * row[at] + far[at] + rounding) >> 2;
      }
    }
  }

  /** ITU-R BT.601, full range, in 16-bit fixed point. */
  private static void putYcc(byte[] rgb, int out, int[] row, int in) {
    int luma = row[in];
    int cb = row[in + 1] - 128;
    int cr = row[in + 2] - 128;
    int red = luma + ((fix(1.40200) * cr + HALF) >> SCALE_BITS);
    int green = luma + ((-fix(0.34414) * cb + HALF - fix(0.71414) * cr) >> SCALE_BITS);
    int blue = luma + ((fix(1.77200) * cb + HALF) >> SCALE_BITS);
    put(rgb, out, clamp(red), clamp(green), clamp(blue));
  }

  /** Pillow takes every JPEG's CMYK to be stored inverted, as Adobe does. */
  private static void putInvertedCmyk(byte[] rgb, int out, int c, int m, int y, int k) {
    put(rgb, out, ink(255 - c, k), ink(255 - m, k), ink(255 - y, k));
  }

  private static int ink(int amount, int white) {
    int product = amount * white + 128;
    return clamp(white - (((product >> 8) + product) >> 8));
  }

  private static int fix(double factor) {
    return (int) (factor * (1 << SCALE_BITS) + 0.5);
  }

  private static int clamp(int value) {
    return Math.clamp(value, 0, 255);
  }

  private static void put(byte[] rgb, int out, int red, int green, int blue) {
    rgb[out] = (byte) red;
    rgb[out + 1] = (byte) green;
    rgb[out + 2] = (byte) blue;
  }
}
