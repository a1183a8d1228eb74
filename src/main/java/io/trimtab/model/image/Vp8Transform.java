package io.trimtab.model.image;

/** VP8's inverse transforms (RFC 6386, section 14), in its own integer arithmetic. */
final class Vp8Transform {
  private Vp8Transform() {}

  /** Adds the residue of coefficients[from, from + 16) to 4×4 samples at (x, y). */
  static void addBlock(short[] coefficients, int from, Vp8Plane plane, int x, int y) {
    int[] columns = new int[16];
    for (int i = 0; i < 4; i++) {
      butterfly(
          coefficients[from + i],
          coefficients[from + 4 + i],
          coefficients[from + 8 + i],
          coefficients[from + 12 + i],
          columns,
          4 * i);
    }
    int[] row = new int[4];
    for (int i = 0; i < 4; i++) {
      butterfly(columns[i] + 4, columns[4 + i], columns[8 + i], columns[12 + i], row, 0);
      for (int j = 0; j < 4; j++) {
        int at = plane.at(x + j, y + i);
        plane.set(at, plane.get(at) + (row[j] >> 3));
      }
    }
  }

  private static void butterfly(int in0, int in1, int in2, int in3, int[] out, int at) {
    int even = in0 + in2;
    int odd = in0 - in2;
    int difference = bySine(in1) - byCosine(in3);
    int sum = byCosine(in1) + bySine(in3);
    out[at] = even + sum;
    out[at + 1] = odd + difference;
    out[at + 2] = odd - difference;
    out[at + 3] = even - sum;
  }

  /** √2 cos(π/8), in 16-bit fixed point. */
  private static int byCosine(int value) {
    return ((value * 20091) >> 16) + value;
  }

  /** √2 sin(π/8). */
  private static int bySine(int value) {
    return (value * 35468) >> 16;
  }

  /** Spreads the 16 coefficients of the means over the first coefficient of 16 blocks. */
  static void spreadMeans(short[] means, short[] coefficients) {
    int[] columns = new int[16];
    for (int i = 0; i < 4; i++) {
      int outerSum = means[i] + means[12 + i];
      int innerSum = means[4 + i] + means[8 + i];
      int innerDifference = means[4 + i] - means[8 + i];
      int outerDifference = means[i] - means[12 + i];
      columns[i] = outerSum + innerSum;
      columns[8 + i] = outerSum - innerSum;
      columns[4 + i] = outerDifference + innerDifference;
      columns[12 + i] = outerDifference - innerDifference;
    }
    for (int i = 0; i < 4; i++) {
      int first = columns[4 * i] + 3;
      int outerSum = first + columns[4 * i + 3];
      int innerSum = columns[4 * i + 1] + columns[4 * i + 2];
      int innerDifference = columns[4 * i + 1] - columns[4 * i + 2];
      int outerDifference = first - columns[4 * i + 3];
      int out = 64 * i;
      coefficients[out] = (short) ((outerSum + innerSum) >> 3);
      coefficients[out + 16] = (short) ((outerDifference + innerDifference) >> 3);
      coefficients[out + 32] = (short) ((outerSum - innerSum) >> 3);
      coefficients[out + 48] = (short) ((outerDifference - innerDifference) >> 3);
    }
  }
}
