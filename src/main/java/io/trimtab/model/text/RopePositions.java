package io.trimtab.model.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Positions that the rotary embedding gives a prompt's tokens, on three axes.
 *
 * <p>Text counts upward, the same on all axes. A Qwen2.5-VL picture that begins at position p has
 * (p, p + row, p + column) for its tokens, and what follows goes on at p + max(rows, columns), as
 * transformers' {@code get_rope_index} has it. Without such pictures a token's position is its
 * index. Immutable; memory grows with the number of pictures, not of tokens.
 */
public final class RopePositions {
  /** The three coordinates of a position. Sections of the rotary embedding come in this order. */
  public enum Axis {
    TIME,
    HEIGHT,
    WIDTH
  }

  private final int length;
  // Run i covers the tokens [start[i], start[i + 1]); a width of 0 marks text.
  private final int[] start;
  private final int[] position;
  private final int[] width;
  private final int end;

  private RopePositions(int length, List<int[]> runs, int end) {
    this.length = length;
    this.end = end;
    this.start = runs.stream().mapToInt(run -> run[0]).toArray();
    this.position = runs.stream().mapToInt(run -> run[1]).toArray();
    this.width = runs.stream().mapToInt(run -> run[2]).toArray();
  }

  /** Positions 0 to {@code length} - 1, the same on all axes. */
  public static RopePositions sequential(int length) {
    return new RopePositions(length, List.<int[]>of(new int[] {0, 0, 0}), length);
  }

  /**
   * Positions of a prompt with gridded pictures.
   *
   * @param length tokens of the prompt
   * @param pictures where the pictures' tokens lie, ascending and not overlapping
   * @param grids a grid for each of them, of as many tokens as the span has
   */
  public static RopePositions gridded(
      int length, List<Prompt.ImageSpan> pictures, List<GridShape> grids) {
    if (pictures.size() != grids.size()) {
      throw new IllegalArgumentException(
          "%d pictures have %d grids".formatted(pictures.size(), grids.size()));
    }
    List<int[]> runs = new ArrayList<>();
    int token = 0;
    int next = 0;
    for (int i = 0; i < pictures.size(); i++) {
      Prompt.ImageSpan span = pictures.get(i);
      GridShape grid = grids.get(i);
      if (span.start() < token || span.length() != grid.tokens()) {
        throw new IllegalArgumentException("%s does not fit %s".formatted(grid, span));
      }
      runs.add(new int[] {token, next, 0});
      next += span.start() - token;
      runs.add(new int[] {span.start(), next, grid.width()});
      next += Math.max(grid.height(), grid.width());
      token = span.start() + span.length();
    }
    if (token > length) {
      throw new IllegalArgumentException(
          "Pictures end at token %d of a prompt of %d".formatted(token, length));
    }
    runs.add(new int[] {token, next, 0});
    return new RopePositions(length, runs, next + length - token);
  }

  /** Number of tokens. */
  public int length() {
    return length;
  }

  /** The generated token i has position {@code length() + i + delta()} on all axes. At most 0. */
  public int delta() {
    return end - length;
  }

  /** Position of the prompt's token {@code token} (from 0) on that axis. */
  public int at(Axis axis, int token) {
    if (token < 0 || token >= length) {
      throw new IndexOutOfBoundsException("Token %d of a prompt of %d".formatted(token, length));
    }
    int run = runOf(token);
    int offset = token - start[run];
    if (width[run] == 0) {
      return position[run] + offset;
    }
    return switch (axis) {
      case TIME -> position[run];
      case HEIGHT -> position[run] + offset / width[run];
      case WIDTH -> position[run] + offset % width[run];
    };
  }

  /** Whether that token has one position on all axes because it is not a picture's. */
  public boolean isText(int token) {
    return width[runOf(token)] == 0;
  }

  private int runOf(int token) {
    int low = 0;
    int high = start.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (start[middle] <= token) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RopePositions positions
        && length == positions.length
        && end == positions.end
        && Arrays.equals(start, positions.start)
        && Arrays.equals(position, positions.position)
        && Arrays.equals(width, positions.width);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(start) * 31 + Arrays.hashCode(position) + length;
  }
}
