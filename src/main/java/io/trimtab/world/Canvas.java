package io.trimtab.world;

import java.util.Arrays;

/**
 * What is painted on: 96 by 96 units, three pixels a unit. Coordinates are cut to whole pixels, and
 * a shape covers the pixels on its border, as Pillow's {@code ImageDraw} does, which drew what the
 * models were trained on. What falls outside is cut off.
 */
final class Canvas {
  /** Units along each side. */
  static final int SIDE = 96;

  private static final int SCALE = 3;

  /** Keeps a line of pixels off the corners that it would meet exactly. */
  private static final double NUDGE = 1e-3;

  private final Pixels pixels = Pixels.of(SIDE * SCALE);

  Canvas(Rgb ground) {
    rectangle(0, 0, SIDE, SIDE, ground);
  }

  Pixels pixels() {
    return pixels;
  }

  void rectangle(double x0, double y0, double x1, double y1, Rgb color) {
    for (int y = pixel(y0); y <= (int) (y1 * SCALE - 1); y++) {
      row(y, pixel(x0), (int) (x1 * SCALE - 1), color);
    }
  }

  /** Filled; radii along x and y. */
  void ellipse(double x, double y, double rx, double ry, Rgb color) {
    annulus(x, y, rx, ry, Integer.MAX_VALUE, color);
  }

  /** A circle's border, inside the circle. */
  void ring(double x, double y, double r, double width, Rgb color) {
    annulus(x, y, r, r, (int) (width * SCALE), color);
  }

  private void annulus(double x, double y, double rx, double ry, int width, Rgb color) {
    int left = pixel(x - rx);
    int top = pixel(y - ry);
    double a = (pixel(x + rx) - left + 1) / 2.0;
    double b = (pixel(y + ry) - top + 1) / 2.0;
    for (int j = 0; j < 2 * b; j++) {
      double outer = half(a, b, j + .5 - b);
      double inner = half(a - width, b - width, j + .5 - b);
      double middle = left + a - .5;
      if (inner == 0) {
        row(top + j, (int) Math.ceil(middle - outer), (int) Math.floor(middle + outer), color);
      } else {
        row(top + j, (int) Math.ceil(middle - outer), (int) Math.floor(middle - inner), color);
        row(top + j, (int) Math.ceil(middle + inner), (int) Math.floor(middle + outer), color);
      }
    }
  }

  /** Half the width of an ellipse at this height over its middle; 0 outside. */
  private static double half(double a, double b, double height) {
    if (a <= 0 || b <= Math.abs(height)) {
      return 0;
    }
    return a * Math.sqrt(1 - height * height / (b * b));
  }

  /** Straight, with ends cut square. */
  void line(double x0, double y0, double x1, double y1, double width, Rgb color) {
    double[] ends = {pixel(x0), pixel(y0), pixel(x1), pixel(y1)};
    double length = Math.hypot(ends[2] - ends[0], ends[3] - ends[1]);
    double half = (Math.max(1, (int) (width * SCALE)) - 1) / 2.0;
    double dx = half * (ends[3] - ends[1]) / length;
    double dy = half * (ends[2] - ends[0]) / length;
    fill(
        color,
        Math.floor(.5 + ends[0] - dx),
        Math.floor(.5 + ends[1] + dy),
        Math.floor(.5 + ends[2] - dx),
        Math.floor(.5 + ends[3] + dy),
        Math.floor(.5 + ends[2] + dx),
        Math.floor(.5 + ends[3] - dy),
        Math.floor(.5 + ends[0] + dx),
        Math.floor(.5 + ends[1] - dy));
  }

  /** Filled; corners as x, y, x, y … in order, no two sides crossing. */
  void polygon(Rgb color, double... corners) {
    fill(color, Arrays.stream(corners).map(Canvas::pixel).toArray());
  }

  private void fill(Rgb color, double... corners) {
    double top = Double.MAX_VALUE;
    double bottom = -Double.MAX_VALUE;
    for (int i = 1; i < corners.length; i += 2) {
      top = Math.min(top, corners[i]);
      bottom = Math.max(bottom, corners[i]);
    }
    for (int y = (int) top; y <= bottom; y++) {
      double[] crossings = crossings(corners, Math.clamp(y, top + NUDGE, bottom - NUDGE));
      for (int i = 0; i + 1 < crossings.length; i += 2) {
        row(y, (int) Math.floor(crossings[i] + .5), (int) Math.ceil(crossings[i + 1] - .5), color);
      }
    }
  }

  /** Where the polygon's sides meet a horizontal line, from left to right. */
  private static double[] crossings(double[] corners, double y) {
    double[] found = new double[corners.length / 2];
    int count = 0;
    for (int i = 0; i < corners.length; i += 2) {
      int next = (i + 2) % corners.length;
      double y0 = corners[i + 1];
      double y1 = corners[next + 1];
      if (y0 <= y != y1 <= y) {
        found[count++] = corners[i] + (y - y0) / (y1 - y0) * (corners[next] - corners[i]);
      }
    }
    double[] sorted = Arrays.copyOf(found, count);
    Arrays.sort(sorted);
    return sorted;
  }

  private void row(int y, int first, int last, Rgb color) {
    if (y < 0 || y >= pixels.side()) {
      return;
    }
    for (int x = Math.max(0, first); x <= Math.min(last, pixels.side() - 1); x++) {
      pixels.set(x, y, color);
    }
  }

  private static int pixel(double units) {
    return (int) (units * SCALE);
  }
}
