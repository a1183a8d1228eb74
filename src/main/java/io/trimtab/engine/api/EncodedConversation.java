package io.trimtab.engine.api;

import io.trimtab.model.text.GridShape;
import java.util.List;

/**
 * A conversation with its answer as the language model reads it, and its pictures as the vision
 * tower saw them: what a delta is trained on.
 *
 * <p>The arrays belong to the records; readers do not write to them.
 *
 * @param tokens prompt, answer and end-of-turn token
 * @param promptTokens tokens before the answer
 */
@SuppressWarnings("ArrayRecordComponent") // long, never compared
public record EncodedConversation(int[] tokens, int promptTokens, List<EncodedPicture> pictures) {
  public EncodedConversation {
    pictures = List.copyOf(pictures);
  }

  /**
   * A picture in the prompt: tokens {@code [start, start + length)}, each the sum over k of {@code
   * weights[t·blend + k]} times the projected feature row {@code rows[t·blend + k]}, where the row
   * after the last is the model's newline.
   *
   * @param grid merged grid in tokens, for rotary positions on three axes
   * @param features {@code [featureRows, width]} float32, what goes into the projector
   * @param blend rows that a token is made of
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record EncodedPicture(
      String sha256,
      int start,
      int length,
      GridShape grid,
      float[] features,
      int featureRows,
      int blend,
      int[] rows,
      float[] weights) {}
}
