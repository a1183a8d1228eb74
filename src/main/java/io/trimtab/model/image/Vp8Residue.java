package io.trimtab.model.image;

import java.util.Arrays;

/**
 * Reads the coefficients of macroblocks (RFC 6386, section 13), with the context of what the
 * neighbours above and to the left had. One object decodes one frame, row by row.
 */
final class Vp8Residue {
  /** Kinds of coefficients, in the order of the probability tables. */
  private static final int LUMA_WITHOUT_FIRST = 0;

  private static final int MEANS = 1;
  private static final int CHROMA = 2;
  private static final int LUMA = 3;

  /** Context bits of a macroblock: 4 of luma, 2 and 2 of chroma, 1 of the means. */
  private static final int CONTEXTS = 9;

  /** 16 blocks of luma, 4 and 4 of chroma, 16 coefficients each, dequantised. */
  final short[] coefficients = new short[24 * 16];

  /** Which blocks of the macroblock have a coefficient. */
  final boolean[] coded = new boolean[24];

  private final Vp8Header header;
  private final int[] above;
  private final int[] left = new int[CONTEXTS];
  private final short[] means = new short[16];

  Vp8Residue(Vp8Header header, int macroblockColumns) {
    this.header = header;
    this.above = new int[CONTEXTS * macroblockColumns];
  }

  void startRow() {
    Arrays.fill(left, 0);
  }

  /** A macroblock that has no coefficients; the means' context outlasts one that has no means. */
  void skip(int column, boolean hasMeans) {
    int count = hasMeans ? CONTEXTS : CONTEXTS - 1;
    Arrays.fill(above, CONTEXTS * column, CONTEXTS * column + count, 0);
    Arrays.fill(left, 0, count, 0);
    Arrays.fill(coded, false);
  }

  /** Reads a macroblock; true where any block has a coefficient. */
  boolean read(Vp8BoolReader reader, int column, boolean hasMeans, Vp8Header.Segment segment) {
    Arrays.fill(coefficients, (short) 0);
    int top = CONTEXTS * column;
    if (hasMeans) {
      Arrays.fill(means, (short) 0);
      int context = above[top + 8] + left[8];
      int end = block(reader, MEANS, context, segment.lumaMeans(), 0, means, 0);
      above[top + 8] = left[8] = end > 0 ? 1 : 0;
      Vp8Transform.spreadMeans(means, coefficients);
    }
    int kind = hasMeans ? LUMA_WITHOUT_FIRST : LUMA;
    boolean any = blocks(reader, kind, 0, 4, top, 0, segment.luma(), hasMeans ? 1 : 0);
    any |= blocks(reader, CHROMA, 16, 2, top, 4, segment.chroma(), 0);
    any |= blocks(reader, CHROMA, 20, 2, top, 6, segment.chroma(), 0);
    return any;
  }

  /** A square of {@code side} by {@code side} blocks, starting at block {@code from}. */
  private boolean blocks(
      Vp8BoolReader reader,
      int kind,
      int from,
      int side,
      int top,
      int context,
      int[] steps,
      int first) {
    boolean any = false;
    for (int i = 0; i < side * side; i++) {
      int over = top + context + i % side;
      int beside = context + i / side;
      int at = 16 * (from + i);
      int end = block(reader, kind, above[over] + left[beside], steps, first, coefficients, at);
      above[over] = left[beside] = end > first ? 1 : 0;
      coded[from + i] = end > 1 || coefficients[at] != 0;
      any |= coded[from + i];
    }
    return any;
  }

  /** Reads one block; returns the place after its last coefficient. */
  private int block(
      Vp8BoolReader reader, int kind, int context, int[] steps, int first, short[] out, int at) {
    int[] table = header.coefficients();
    int p = Vp8Tables.coefficientsAt(kind, Vp8Tables.BANDS[first], context);
    int n = first;
    while (n < 16) {
      if (reader.bit(table[p]) == 0) {
        return n;
      }
      while (reader.bit(table[p + 1]) == 0) {
        p = Vp8Tables.coefficientsAt(kind, Vp8Tables.BANDS[++n], 0);
        if (n == 16) {
          return 16;
        }
      }
      int value = 1;
      int next = 1;
      if (reader.bit(table[p + 2]) == 1) {
        value = large(reader, table, p);
        next = 2;
      }
      int signed = reader.flag() ? -value : value;
      out[at + Vp8Tables.ZIGZAG[n]] = (short) (signed * steps[n > 0 ? 1 : 0]);
      p = Vp8Tables.coefficientsAt(kind, Vp8Tables.BANDS[++n], next);
    }
    return 16;
  }

  private static int large(Vp8BoolReader reader, int[] table, int p) {
    if (reader.bit(table[p + 3]) == 0) {
      return reader.bit(table[p + 4]) == 0 ? 2 : 3 + reader.bit(table[p + 5]);
    }
    if (reader.bit(table[p + 6]) == 0) {
      if (reader.bit(table[p + 7]) == 0) {
        return 5 + reader.bit(159);
      }
      int high = reader.bit(165);
      return 7 + 2 * high + reader.bit(145);
    }
    int high = reader.bit(table[p + 8]);
    int category = 2 * high + reader.bit(table[p + 9 + high]);
    int extra = 0;
    for (int probability : Vp8Tables.LARGE[category]) {
      extra = 2 * extra + reader.bit(probability);
    }
    return 3 + (8 << category) + extra;
  }
}
