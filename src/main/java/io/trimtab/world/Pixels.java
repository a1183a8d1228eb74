package io.trimtab.world;

/**
 * A square picture in memory.
 *
 * @param side in pixels
 * @param samples 0 to 255, row by row, red, green and blue of each pixel
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Pixels(int side, int[] samples) {
  static final int CHANNELS = 3;

  static Pixels of(int side) {
    return new Pixels(side, new int[side * side * CHANNELS]);
  }

  void set(int x, int y, Rgb color) {
    int at = (y * side + x) * CHANNELS;
    samples[at] = color.red();
    samples[at + 1] = color.green();
    samples[at + 2] = color.blue();
  }
}
