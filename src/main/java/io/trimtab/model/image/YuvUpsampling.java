package io.trimtab.model.image;

/**
 * From VP8's planes to RGB as libwebp does it: each chroma sample is blended 9:3:3:1 with its
 * neighbours ("fancy upsampling"), then BT.601 in studio range, in fixed point.
 */
final class YuvUpsampling {
  private YuvUpsampling() {}

  /** The chroma planes have half the width and height, rounded up. */
  static RgbImage toRgb(Vp8Plane luma, Vp8Plane blue, Vp8Plane red, int width, int height) {
    int right = (width + 1) / 2 - 1;
    int bottom = (height + 1) / 2 - 1;
    byte[] rgb = new byte[Math.multiplyExact(3 * width, height)];
    int out = 0;
    for (int y = 0; y < height; y++) {
      int near = y / 2;
      int far = Math.clamp(near + (y % 2 == 0 ? -1 : 1), 0, bottom);
      for (int x = 0; x < width; x++, out += 3) {
        int beside = x / 2;
        int beyond = Math.clamp(beside + (x % 2 == 0 ? -1 : 1), 0, right);
        put(
            rgb,
            out,
            luma.get(luma.at(x, y)),
            blend(blue, beside, beyond, near, far),
            blend(red, beside, beyond, near, far));
      }
    }
    return new RgbImage(width, height, rgb);
  }

  private static int blend(Vp8Plane plane, int beside, int beyond, int near, int far) {
    int nearest = plane.get(plane.at(beside, near));
    int horizontal = plane.get(plane.at(beyond, near));
    int vertical = plane.get(plane.at(beside, far));
    int diagonal = plane.get(plane.at(beyond, far));
    // Two roundings, as libwebp has them: they differ from a single one.
    return (((nearest + 3 * horizontal + 3 * vertical + diagonal + 8) >> 3) + nearest) >> 1;
  }

  private static void put(byte[] rgb, int out, int luma, int blue, int red) {
    int grey = (luma * 19077) >> 8;
    rgb[out] = level(grey + ((red * 26149) >> 8) - 14234);
    rgb[out + 1] = level(grey - ((blue * 6419) >> 8) - ((red * 13320) >> 8) + 8708);
    rgb[out + 2] = level(grey + ((blue * 33050) >> 8) - 17685);
  }

  private static byte level(int value) {
    return (byte) Math.clamp(value >> 6, 0, 255);
  }
}
