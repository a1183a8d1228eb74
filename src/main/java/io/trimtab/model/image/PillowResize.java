package io.trimtab.model.image;

import java.util.Arrays;

/**
 * Resizing with the pixel values of Pillow's {@code Image.resize}: a horizontal, then a vertical
 * pass in 22-bit fixed point, rounded to eight bits after each; the kernel widens with the scale
 * when shrinking.
 *
 * <p>Source of the arithmetic: Pillow's Resample.c (and Geometry.c for nearest).
 */
public final class PillowResize {
  /** 32 bits less 8 for the result and 2 for kernels whose weights leave [0, 1]. */
  private static final int PRECISION_BITS = 32 - 8 - 2;

  private static final int ROUNDING = 1 << (PRECISION_BITS - 1);

  private PillowResize() {}

  /**
   * A part of a resized picture.
   *
   * @param left columns before it
   * @param top rows above it
   */
  public record Window(int left, int top, int width, int height) {
    public Window {
      if (left < 0 || top < 0 || width < 1 || height < 1) {
        throw new IllegalArgumentException(
            "Expected a window of at least 1×1 pixels from (0, 0) on, got %d×%d at (%d, %d)"
                .formatted(width, height, left, top));
      }
    }

    static Window whole(int width, int height) {
      return new Window(0, 0, width, height);
    }
  }

  /**
   * A picture of {@code width} by {@code height} pixels; the same object where the size is already
   * that.
   */
  public static RgbImage resize(RgbImage image, int width, int height, Filter filter) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "Expected a target of at least 1×1 pixels, got %d×%d".formatted(width, height));
    }
    if (image.width() == width && image.height() == height) {
      return image;
    }
    return resize(image, width, height, filter, Window.whole(width, height));
  }

  /**
   * The window of a picture that was resized to {@code width} by {@code height} pixels. Only the
   * window is computed, however long the rest would be.
   */
  public static RgbImage resize(
      RgbImage image, int width, int height, Filter filter, Window window) {
    if (window.left + window.width > width || window.top + window.height > height) {
      throw new IllegalArgumentException(
          "Expected a window within %d×%d pixels, got %s".formatted(width, height, window));
    }
    if (filter == Filter.NEAREST) {
      return nearest(image, width, height, window);
    }
    RgbImage wide =
        image.width() == width
            ? columns(image, window.left, window.width)
            : horizontally(
                image, Kernels.of(image.width(), width, filter, window.left, window.width));
    return image.height() == height
        ? rows(wide, window.top, window.height)
        : vertically(wide, Kernels.of(image.height(), height, filter, window.top, window.height));
  }

  private static RgbImage columns(RgbImage image, int from, int count) {
    if (count == image.width()) {
      return image;
    }
    byte[] target = new byte[Math.multiplyExact(3 * count, image.height())];
    for (int y = 0; y < image.height(); y++) {
      System.arraycopy(
          image.rgb(), 3 * (y * image.width() + from), target, 3 * y * count, 3 * count);
    }
    return new RgbImage(count, image.height(), target);
  }

  private static RgbImage rows(RgbImage image, int from, int count) {
    if (count == image.height()) {
      return image;
    }
    int stride = 3 * image.width();
    return new RgbImage(
        image.width(),
        count,
        Arrays.copyOfRange(image.rgb(), from * stride, (from + count) * stride));
  }

  private static RgbImage horizontally(RgbImage image, Kernels kernels) {
    int width = kernels.first.length;
    byte[] source = image.rgb();
    byte[] target = new byte[Math.multiplyExact(3 * width, image.height())];
    int out = 0;
    for (int y = 0; y < image.height(); y++) {
      int row = 3 * image.width() * y;
      for (int x = 0; x < width; x++) {
        int red = ROUNDING;
        int green = ROUNDING;
        int blue = ROUNDING;
        int in = row + 3 * kernels.first[x];
        int weight = x * kernels.stride;
        for (int end = weight + kernels.count[x]; weight < end; weight++, in += 3) {
          int k = kernels.weights[weight];
          red += (source[in] & 0xff) * k;
          green += (source[in + 1] & 0xff) * k;
          blue += (source[in + 2] & 0xff) * k;
        }
        target[out++] = level(red);
        target[out++] = level(green);
        target[out++] = level(blue);
      }
    }
    return new RgbImage(width, image.height(), target);
  }

  private static RgbImage vertically(RgbImage image, Kernels kernels) {
    int height = kernels.first.length;
    int stride = 3 * image.width();
    byte[] source = image.rgb();
    byte[] target = new byte[Math.multiplyExact(stride, height)];
    int[] sums = new int[stride];
    for (int y = 0; y < height; y++) {
      Arrays.fill(sums, ROUNDING);
      for (int i = 0; i < kernels.count[y]; i++) {
        int k = kernels.weights[y * kernels.stride + i];
        int in = (kernels.first[y] + i) * stride;
        for (int x = 0; x < stride; x++) {
          sums[x] += (source[in + x] & 0xff) * k;
        }
      }
      for (int x = 0; x < stride; x++) {
        target[y * stride + x] = level(sums[x]);
      }
    }
    return new RgbImage(image.width(), height, target);
  }

  private static byte level(int sum) {
    return (byte) Math.clamp(sum >> PRECISION_BITS, 0, 255);
  }

  private static RgbImage nearest(RgbImage image, int width, int height, Window window) {
    int[] columns = nearestIndexes(image.width(), width, window.left, window.width);
    int[] rows = nearestIndexes(image.height(), height, window.top, window.height);
    byte[] target = new byte[Math.multiplyExact(3 * columns.length, rows.length)];
    int out = 0;
    for (int row : rows) {
      for (int column : columns) {
        int in = 3 * (row * image.width() + column);
        target[out++] = image.rgb()[in];
        target[out++] = image.rgb()[in + 1];
        target[out++] = image.rgb()[in + 2];
      }
    }
    return new RgbImage(columns.length, rows.length, target);
  }

  private static int[] nearestIndexes(int sourceSize, int targetSize, int from, int count) {
    double scale = (double) sourceSize / targetSize;
    int[] indexes = new int[count];
    double at = scale * 0.5;
    for (int i = 0; i < from + count; i++, at += scale) { // a running sum, as Pillow has it
      if (i >= from) {
        indexes[i - from] = Math.min((int) at, sourceSize - 1);
      }
    }
    return indexes;
  }

  /**
   * For each target index of a window: the first source index, how many, and their weights in fixed
   * point ({@code stride} apart).
   */
  private record Kernels(int[] first, int[] count, int[] weights, int stride) {
    static Kernels of(int sourceSize, int targetSize, Filter filter, int from, int targets) {
      double scale = (double) sourceSize / targetSize;
      double widening = Math.max(scale, 1);
      double support = filter.support() * widening;
      int stride = (int) Math.ceil(support) * 2 + 1;
      int[] first = new int[targets];
      int[] count = new int[targets];
      int[] weights = new int[Math.multiplyExact(targets, stride)];
      double[] kernel = new double[stride];
      for (int i = 0; i < targets; i++) {
        double center = (from + i + 0.5) * scale;
        first[i] = Math.max((int) (center - support + 0.5), 0);
        count[i] = Math.min((int) (center + support + 0.5), sourceSize) - first[i];
        double sum = 0;
        for (int j = 0; j < count[i]; j++) {
          kernel[j] = filter.weight((j + first[i] - center + 0.5) * (1 / widening));
          sum += kernel[j];
        }
        for (int j = 0; j < count[i]; j++) {
          weights[i * stride + j] = fixed(sum == 0 ? kernel[j] : kernel[j] / sum);
        }
      }
      return new Kernels(first, count, weights, stride);
    }

    private static int fixed(double weight) {
      return (int) ((weight < 0 ? -0.5 : 0.5) + weight * (1 << PRECISION_BITS));
    }
  }
}
