package io.trimtab.model.image;

/** VP8's loop filter (RFC 6386, section 15) around and within one macroblock. */
final class Vp8LoopFilter {
  private final Vp8Plane plane;
  private final Vp8Header.Filtering strength;

  private Vp8LoopFilter(Vp8Plane plane, Vp8Header.Filtering strength) {
    this.plane = plane;
    this.strength = strength;
  }

  /** Which edges of a macroblock are filtered. */
  enum Edges {
    OUTER,
    ALL
  }

  /** Filters luma alone, over edges with two samples on each side. */
  static void simple(Vp8Plane luma, int x, int y, Vp8Header.Filtering strength, Edges edges) {
    Vp8LoopFilter filter = new Vp8LoopFilter(luma, strength);
    filter.simpleEdges(x, y, x, 1, luma.stride, edges);
    filter.simpleEdges(x, y, y, luma.stride, 1, edges);
  }

  /** Filters a square of {@code size} samples: 16 of luma or 8 of chroma. */
  static void normal(
      Vp8Plane plane, int x, int y, int size, Vp8Header.Filtering strength, Edges edges) {
    Vp8LoopFilter filter = new Vp8LoopFilter(plane, strength);
    filter.normalEdges(x, y, x, 1, plane.stride, size, edges);
    filter.normalEdges(x, y, y, plane.stride, 1, size, edges);
  }

  /**
   * Edges in one direction.
   *
   * @param distance from the picture's border; there is no edge at 0
   * @param step from sample to sample across the edge
   * @param along from sample to sample along it
   */
  private void simpleEdges(int x, int y, int distance, int step, int along, Edges edges) {
    for (int offset = distance > 0 ? 0 : 4; offset < 16; offset += 4) {
      if (offset > 0 && edges == Edges.OUTER) {
        return;
      }
      int limit = 2 * (strength.limit() + (offset == 0 ? 4 : 0)) + 1;
      int at = plane.at(x, y) + offset * step;
      for (int i = 0; i < 16; i++, at += along) {
        if (isWithin(at, step, limit)) {
          adjustTwo(at, step);
        }
      }
    }
  }

  private void normalEdges(int x, int y, int distance, int step, int along, int size, Edges edges) {
    for (int offset = distance > 0 ? 0 : 4; offset < size; offset += 4) {
      if (offset > 0 && edges == Edges.OUTER) {
        return;
      }
      int limit = 2 * (strength.limit() + (offset == 0 ? 4 : 0)) + 1;
      int at = plane.at(x, y) + offset * step;
      for (int i = 0; i < size; i++, at += along) {
        if (!isWithin(at, step, limit) || !isSmooth(at, step)) {
          continue;
        }
        if (hasHighVariance(at, step)) {
          adjustTwo(at, step);
        } else if (offset == 0) {
          adjustSix(at, step);
        } else {
          adjustFour(at, step);
        }
      }
    }
  }

  private int difference(int one, int other) {
    return Math.abs(plane.get(one) - plane.get(other));
  }

  private boolean isWithin(int at, int step, int limit) {
    return 4 * difference(at - step, at) + difference(at - 2 * step, at + step) <= limit;
  }

  private boolean isSmooth(int at, int step) {
    for (int i = -4; i < 3; i++) {
      if (i != -1 && difference(at + i * step, at + (i + 1) * step) > strength.interior()) {
        return false;
      }
    }
    return true;
  }

  private boolean hasHighVariance(int at, int step) {
    return difference(at - 2 * step, at - step) > strength.highVariance()
        || difference(at + step, at) > strength.highVariance();
  }

  private int slope(int at, int step) {
    return 3 * (plane.get(at) - plane.get(at - step));
  }

  private int outer(int at, int step) {
    return signed(plane.get(at - 2 * step) - plane.get(at + step));
  }

  private void adjustTwo(int at, int step) {
    int amount = slope(at, step) + outer(at, step);
    add(at - step, small((amount + 3) >> 3));
    add(at, -small((amount + 4) >> 3));
  }

  private void adjustFour(int at, int step) {
    int amount = slope(at, step);
    int right = small((amount + 4) >> 3);
    int left = small((amount + 3) >> 3);
    int further = (right + 1) >> 1;
    add(at - 2 * step, further);
    add(at - step, left);
    add(at, -right);
    add(at + step, -further);
  }

  private void adjustSix(int at, int step) {
    int amount = signed(slope(at, step) + outer(at, step));
    for (int i = 0; i < 3; i++) {
      int share = ((27 - 9 * i) * amount + 63) >> 7;
      add(at - (i + 1) * step, share);
      add(at + i * step, -share);
    }
  }

  private void add(int at, int amount) {
    plane.set(at, plane.get(at) + amount);
  }

  private static int signed(int value) {
    return Math.clamp(value, -128, 127);
  }

  private static int small(int value) {
    return Math.clamp(value, -16, 15);
  }
}
