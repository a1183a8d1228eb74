package io.trimtab.tuning.job;

/**
 * A picture as the frozen vision tower saw it, and how its rows become the prompt's embeddings
 * behind the projector: token t is the sum over k of {@code weights[t·blend + k]} times row {@code
 * rows[t·blend + k]} of the projected features, where the row after the last one is the model's
 * {@code image_newline}.
 *
 * <p>The arrays belong to the record; readers do not write to them.
 *
 * @param features {@code [featureRows, width]} float32, what goes into the projector
 * @param blend rows that a token is made of: 1, or 4 where a grid was shrunk bilinearly
 * @param rows {@code [tokens, blend]}
 * @param weights {@code [tokens, blend]}
 */
@SuppressWarnings("ArrayRecordComponent") // large, never compared
public record PictureFeatures(
    String sha256, float[] features, int featureRows, int blend, int[] rows, float[] weights) {
  public PictureFeatures {
    if (featureRows < 1 || features.length % featureRows != 0 || rows.length != weights.length) {
      throw new IllegalArgumentException(
          "%d numbers in %d rows, %d sources with %d weights"
              .formatted(features.length, featureRows, rows.length, weights.length));
    }
  }

  /** Width of a feature row. */
  public int width() {
    return features.length / featureRows;
  }

  /** Image tokens. */
  public int tokens() {
    return rows.length / blend;
  }
}
