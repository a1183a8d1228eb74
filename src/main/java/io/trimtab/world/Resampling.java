package io.trimtab.world;

import static io.trimtab.world.Pixels.CHANNELS;

import java.util.Arrays;

/**
 * Resizes pictures as Pillow does: first along x, then along y, rounded to whole numbers after
 * each; when a picture shrinks, the filter is widened so that no pixel is passed over.
 */
enum Resampling {
  /** The mean of the pixels that fall into one. */
  BOX(.5) {
    @Override
    double weight(double x) {
      return x > -.5 && x <= .5 ? 1 : 0;
    }
  },
  /** Keys' cubic convolution with a = -1/2 (IEEE ASSP 29, 1981). */
  BICUBIC(2) {
    @Override
    double weight(double x) {
      double d = Math.abs(x);
      if (d < 1) {
        return (1.5 * d - 2.5) * d * d + 1;
      }
      return d < 2 ? ((-.5 * d + 2.5) * d - 4) * d + 2 : 0;
    }
  };

  private final double support;

  Resampling(double support) {
    this.support = support;
  }

  /** The filter, at a distance in pixels of the larger picture's scale. */
  abstract double weight(double x);

  /** The picture with this side; the same one when it has it. */
  Pixels resize(Pixels pixels, int side) {
    if (side == pixels.side()) {
      return pixels;
    }
    int old = pixels.side();
    Taps[] taps = taps(old, side);
    int[] narrowed = new int[side * old * CHANNELS];
    for (int row = 0; row < old; row++) {
      filter(
          pixels.samples(), row * old * CHANNELS, narrowed, row * side * CHANNELS, CHANNELS, taps);
    }
    int[] resized = new int[side * side * CHANNELS];
    for (int column = 0; column < side; column++) {
      int start = column * CHANNELS;
      filter(narrowed, start, resized, start, side * CHANNELS, taps);
    }
    return new Pixels(side, resized);
  }

  /** One line of pixels that lie {@code step} samples apart. */
  private static void filter(int[] from, int fromAt, int[] to, int toAt, int step, Taps[] taps) {
    for (int i = 0; i < taps.length; i++) {
      double red = 0;
      double green = 0;
      double blue = 0;
      int at = fromAt + taps[i].first() * step;
      for (double weight : taps[i].weights()) {
        red += weight * from[at];
        green += weight * from[at + 1];
        blue += weight * from[at + 2];
        at += step;
      }
      int pixel = toAt + i * step;
      to[pixel] = sample(red);
      to[pixel + 1] = sample(green);
      to[pixel + 2] = sample(blue);
    }
  }

  private static int sample(double sum) {
    return Math.clamp((int) Math.floor(sum + .5), 0, 255);
  }

  private Taps[] taps(int old, int side) {
    double scale = (double) old / side;
    double stretch = Math.max(1, scale);
    Taps[] taps = new Taps[side];
    for (int i = 0; i < side; i++) {
      double middle = (i + .5) * scale;
      int first = (int) Math.max(0, middle - support * stretch + .5);
      int end = (int) Math.min(old, middle + support * stretch + .5);
      double[] weights = new double[end - first];
      Arrays.setAll(weights, j -> weight((first + j + .5 - middle) / stretch));
      double sum = Arrays.stream(weights).sum();
      Arrays.setAll(weights, j -> weights[j] / sum);
      taps[i] = new Taps(first, weights);
    }
    return taps;
  }

  /** The pixels that one pixel is made of. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Taps(int first, double[] weights) {}
}
