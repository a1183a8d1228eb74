package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * From the stored samples of a PNG, GIF, BMP or WebP to RGB, as Pillow's {@code convert("RGB")}
 * does it: palettes are looked up, alpha is dropped and not composited, no colour profile or gamma
 * is applied.
 *
 * <p>It reads rasters and never {@link BufferedImage#getRGB}, which passes grey through a gamma.
 * Sixteen bits become eight by taking the high byte; for grey Pillow would clip at 255 instead,
 * which turns nearly every such picture white.
 */
final class RasterColors {
  private RasterColors() {}

  static RgbImage toRgb(BufferedImage image) {
    if (image.getColorModel() instanceof IndexColorModel palette) {
      return lookUp(image.getRaster(), palette);
    }
    Raster raster = image.getRaster();
    int colors = image.getColorModel().getNumColorComponents();
    if (colors != 1 && colors != 3) {
      throw TrimtabException.invalid(
          "Expected a picture with 1 or 3 colour components, got " + colors);
    }
    int width = raster.getWidth();
    int height = raster.getHeight();
    int bands = raster.getNumBands();
    byte[][] toByte = new byte[3][];
    int[] bandOf = new int[3];
    for (int c = 0; c < 3; c++) {
      bandOf[c] = colors == 1 ? 0 : c;
      toByte[c] = levels(raster.getSampleModel().getSampleSize(bandOf[c]));
    }
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[width * bands];
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      int out = 3 * width * y;
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          rgb[out++] = toByte[c][row[x * bands + bandOf[c]]];
        }
      }
    }
    return new RgbImage(width, height, rgb);
  }

  private static RgbImage lookUp(Raster raster, IndexColorModel palette) {
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] rgb = new byte[3 * width * height];
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      int out = 3 * width * y;
      for (int x = 0; x < width; x++, out += 3) {
        put(rgb, out, palette, row[x]);
      }
    }
    return new RgbImage(width, height, rgb);
  }

  /** One palette entry; an index past the palette's end is black. */
  static void put(byte[] rgb, int out, IndexColorModel palette, int index) {
    if (index < palette.getMapSize()) {
      rgb[out] = (byte) palette.getRed(index);
      rgb[out + 1] = (byte) palette.getGreen(index);
      rgb[out + 2] = (byte) palette.getBlue(index);
    }
  }

  /** Table from a sample of {@code bits} to eight: stretched below, high byte above. */
  private static byte[] levels(int bits) {
    if (bits < 1 || bits > 16) {
      throw TrimtabException.invalid("Expected samples of 1 to 16 bits, got " + bits);
    }
    byte[] levels = new byte[1 << bits];
    for (int sample = 0; sample < levels.length; sample++) {
      levels[sample] =
          (byte) (bits > 8 ? sample >> (bits - 8) : sample * 255 / (levels.length - 1));
    }
    return levels;
  }
}
