package io.trimtab.model.image;

/**
 * Which projected feature rows each of a picture's tokens is made of: token t is the sum over k of
 * {@code weights[t·blend + k]} times row {@code rows[t·blend + k]}, where the row after the last is
 * the model's newline. The same as packing, for whoever has to differentiate it.
 *
 * <p>The arrays belong to the record; readers do not write to them.
 *
 * @param blend rows that a token is made of: 1, or 4 where a grid is shrunk bilinearly
 */
@SuppressWarnings("ArrayRecordComponent") // long, never compared
public record TokenSources(int blend, int[] rows, float[] weights) {
  public TokenSources {
    if (blend < 1 || rows.length != weights.length || rows.length % blend != 0) {
      throw new IllegalArgumentException(
          "%d rows and %d weights for tokens of %d".formatted(rows.length, weights.length, blend));
    }
  }

  /** A row is a token already. */
  public static TokenSources inOrder(int tokens) {
    int[] rows = new int[tokens];
    float[] weights = new float[tokens];
    for (int i = 0; i < tokens; i++) {
      rows[i] = i;
      weights[i] = 1;
    }
    return new TokenSources(1, rows, weights);
  }

  /** Those of {@link AnyresPacking#pack}. */
  public static TokenSources packed(AnyresGrid grid) {
    return new PackedSources(grid).read();
  }
}
