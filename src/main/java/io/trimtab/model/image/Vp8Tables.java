package io.trimtab.model.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Scanner;

/** VP8's constant tables (RFC 6386); the large ones lie in a resource. */
final class Vp8Tables {
  /** Quantiser steps of the first coefficient, by index (section 14.1). */
  static final int[] DC_STEPS =
      numbers(
          """
          4 5 6 7 8 9 10 10 11 12 13 14 15 16 17 17 18 19 20 20 21 21 22 22 23 23 24 25 25 26 27 28
          29 30 31 32 33 34 35 36 37 37 38 39 40 41 42 43 44 45 46 46 47 48 49 50 51 52 53 54 55 56
          57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 76 77 78 79 80 81 82 83 84 85
          86 87 88 89 91 93 95 96 98 100 101 102 104 106 108 110 112 114 116 118 122 124 126 128
          130 132 134 136 138 140 143 145 148 151 154 157
          """,
          128);

  /** Quantiser steps of the other coefficients. */
  static final int[] AC_STEPS =
      numbers(
          """
          4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35
          36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 60 62 64 66 68 70 72
          74 76 78 80 82 84 86 88 90 92 94 96 98 100 102 104 106 108 110 112 114 116 119 122 125 128
          131 134 137 140 143 146 149 152 155 158 161 164 167 170 173 177 181 185 189 193 197 201
          205 209 213 217 221 225 229 234 239 245 249 254 259 264 269 274 279 284
          """,
          128);

  /** Where the coefficients of a block lie, in the order in which they are coded. */
  static final int[] ZIGZAG = {0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15};

  /** Band of each coefficient; one more, for after the last. */
  static final int[] BANDS = {0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 0};

  /** Probabilities of the extra bits of the four categories of large values (section 13.2). */
  static final int[][] LARGE = {
    {173, 148, 140},
    {176, 155, 140, 135},
    {180, 157, 141, 134, 130},
    {254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129}
  };

  /** {@code [4 kinds][8 bands][3 contexts][11]}, flat. */
  static final int[] COEFFICIENTS;

  /** Likewise: probability that an entry is kept. */
  static final int[] UPDATES;

  /** {@code [10 above][10 left][9]}, flat. */
  static final int[] BLOCK_MODES;

  static {
    String name = "vp8-probabilities.txt";
    try (InputStream in = Vp8Tables.class.getResourceAsStream(name)) {
      byte[] bytes = Objects.requireNonNull(in, name).readAllBytes();
      String text = new String(bytes, StandardCharsets.UTF_8).replaceAll("#.*", "");
      int[] all = numbers(text, 1056 + 1056 + 900);
      COEFFICIENTS = Arrays.copyOfRange(all, 0, 1056);
      UPDATES = Arrays.copyOfRange(all, 1056, 2112);
      BLOCK_MODES = Arrays.copyOfRange(all, 2112, 3012);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Vp8Tables() {}

  /** Where the eleven probabilities of a kind, band and context start. */
  static int coefficientsAt(int kind, int band, int context) {
    return ((kind * 8 + band) * 3 + context) * 11;
  }

  private static int[] numbers(String text, int count) {
    int[] numbers = new int[count];
    try (Scanner scanner = new Scanner(text)) {
      for (int i = 0; i < count; i++) {
        numbers[i] = scanner.nextInt();
      }
    }
    return numbers;
  }
}
