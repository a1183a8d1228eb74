package io.trimtab.model.image;

/** VP8's intra prediction (RFC 6386, section 12), in place on a plane. */
final class Vp8Prediction {
  static final int DC = 0;
  static final int TRUE_MOTION = 1;
  static final int VERTICAL = 2;
  static final int HORIZONTAL = 3;
  private static final int DOWN_RIGHT = 4;
  private static final int VERTICAL_RIGHT = 5;
  private static final int DOWN_LEFT = 6;
  private static final int VERTICAL_LEFT = 7;
  private static final int HORIZONTAL_DOWN = 8;
  private static final int HORIZONTAL_UP = 9;

  private Vp8Prediction() {}

  /** Fills a square of {@code size} samples at (x, y): 16 of luma or 8 of chroma. */
  static void square(Vp8Plane plane, int x, int y, int size, int mode) {
    int corner = plane.at(x - 1, y - 1);
    int mean = mode == DC ? mean(plane, x, y, size) : 0;
    for (int row = 0; row < size; row++) {
      int left = plane.get(plane.at(x - 1, y + row));
      for (int column = 0; column < size; column++) {
        int above = plane.get(corner + 1 + column);
        int value =
            switch (mode) {
              case DC -> mean;
              case VERTICAL -> above;
              case HORIZONTAL -> left;
              default -> left + above - plane.get(corner);
            };
        plane.set(plane.at(x + column, y + row), value);
      }
    }
  }

  private static int mean(Vp8Plane plane, int x, int y, int size) {
    int sum = 0;
    int count = 0;
    for (int i = 0; i < size; i++) {
      sum += x > 0 ? plane.get(plane.at(x - 1, y + i)) : 0;
      sum += y > 0 ? plane.get(plane.at(x + i, y - 1)) : 0;
    }
    count += x > 0 ? size : 0;
    count += y > 0 ? size : 0;
    return count == 0 ? 128 : (sum + count / 2) / count;
  }

  /**
   * Fills 4×4 samples at (x, y).
   *
   * @param aboveRight the four samples above and to the right, which are not always the neighbours
   */
  static void block(Vp8Plane plane, int x, int y, int mode, int[] aboveRight) {
    // Around the block from lower left over the corner (4) to upper right, as in the RFC.
    int[] edge = new int[13];
    for (int i = 0; i < 4; i++) {
      edge[i] = plane.get(plane.at(x - 1, y + 3 - i));
      edge[5 + i] = plane.get(plane.at(x + i, y - 1));
      edge[9 + i] = aboveRight[i];
    }
    edge[4] = plane.get(plane.at(x - 1, y - 1));
    for (int row = 0; row < 4; row++) {
      for (int column = 0; column < 4; column++) {
        plane.set(plane.at(x + column, y + row), sample(edge, mode, row, column));
      }
    }
  }

  private static int sample(int[] edge, int mode, int row, int column) {
    return switch (mode) {
      case DC -> {
        int sum = 4;
        for (int i = 0; i < 4; i++) {
          sum += edge[i] + edge[5 + i];
        }
        yield sum >> 3;
      }
      case TRUE_MOTION -> edge[3 - row] + edge[5 + column] - edge[4];
      case VERTICAL -> smooth(edge, 5 + column);
      case HORIZONTAL -> row == 3 ? smooth(edge[0], edge[0], edge[1]) : smooth(edge, 3 - row);
      case DOWN_RIGHT -> smooth(edge, 4 - row + column);
      case DOWN_LEFT ->
          row + column == 6 ? smooth(edge[11], edge[12], edge[12]) : smooth(edge, 6 + row + column);
      case VERTICAL_RIGHT -> verticalRight(edge, row, column);
      case VERTICAL_LEFT -> verticalLeft(edge, row, column);
      case HORIZONTAL_DOWN -> horizontalDown(edge, row, column);
      case HORIZONTAL_UP -> horizontalUp(edge, row, column);
      default -> throw new IllegalStateException("No block mode " + mode);
    };
  }

  private static int verticalRight(int[] edge, int row, int column) {
    int along = 2 * column - row;
    if (along < 0) {
      return smooth(edge, 5 + along);
    }
    int at = 4 + along / 2;
    return along % 2 == 0 ? middle(edge, at) : smooth(edge, at + 1);
  }

  private static int verticalLeft(int[] edge, int row, int column) {
    if (column == 3 && row > 1) {
      return smooth(edge, row == 2 ? 10 : 11); // the two that break the pattern
    }
    int at = 5 + column + row / 2;
    return row % 2 == 0 ? middle(edge, at) : smooth(edge, at + 1);
  }

  private static int horizontalDown(int[] edge, int row, int column) {
    int along = 2 * row - column;
    if (along < 0) {
      return smooth(edge, 3 - along);
    }
    int at = 3 - along / 2;
    return along % 2 == 0 ? middle(edge, at) : smooth(edge, at);
  }

  private static int horizontalUp(int[] edge, int row, int column) {
    int along = 2 * row + column;
    if (along > 5) {
      return edge[0];
    }
    if (along == 5) {
      return smooth(edge[1], edge[0], edge[0]);
    }
    int at = 2 - along / 2;
    return along % 2 == 0 ? middle(edge, at) : smooth(edge, at);
  }

  private static int middle(int[] edge, int at) {
    return (edge[at] + edge[at + 1] + 1) >> 1;
  }

  private static int smooth(int[] edge, int at) {
    return smooth(edge[at - 1], edge[at], edge[at + 1]);
  }

  private static int smooth(int before, int at, int after) {
    return (before + 2 * at + after + 2) >> 2;
  }
}
