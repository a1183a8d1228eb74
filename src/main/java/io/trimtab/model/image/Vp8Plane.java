package io.trimtab.model.image;

import java.util.Arrays;

/**
 * One plane of a VP8 frame in whole macroblocks, with the border that prediction reads: a row of
 * 127 above, a column of 129 to the left, four more columns to the right.
 */
final class Vp8Plane {
  private static final int RIGHT = 4;

  final int stride;
  final byte[] samples;

  Vp8Plane(int width, int height) {
    stride = 1 + width + RIGHT;
    samples = new byte[Math.multiplyExact(stride, height + 1)];
    Arrays.fill(samples, 0, stride, (byte) 127);
    for (int row = 1; row <= height; row++) {
      samples[row * stride] = (byte) 129;
    }
  }

  /** Index of a sample; (-1, -1) is the corner of the border. */
  int at(int x, int y) {
    return (y + 1) * stride + x + 1;
  }

  int get(int index) {
    return samples[index] & 0xff;
  }

  /** Stores the value clamped to a level. */
  void set(int index, int value) {
    samples[index] = (byte) Math.clamp(value, 0, 255);
  }
}
