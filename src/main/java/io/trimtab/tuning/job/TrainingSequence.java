package io.trimtab.tuning.job;

import io.trimtab.model.text.GridShape;
import java.util.List;

/**
 * One conversation with its answer, as tokens.
 *
 * <p>The array belongs to the sequence; readers do not write to it.
 *
 * @param id of the example, or of the rehearsal item
 * @param tokens prompt, answer and end-of-turn token; a picture's placeholder is repeated as often
 *     as it has embeddings
 * @param promptTokens tokens before the answer, from 1; the loss is over those after them
 * @param pictures in order
 */
@SuppressWarnings("ArrayRecordComponent") // long and read often; sequences are not compared
public record TrainingSequence(
    String id, Split split, int[] tokens, int promptTokens, List<PlacedPicture> pictures) {
  /** What a sequence is for. */
  public enum Split {
    TRAINING,
    VALIDATION,
    /** Answered by base; see {@link RehearsalSettings}. */
    REHEARSAL
  }

  /**
   * Tokens {@code [start, start + length)} stand for the picture with that digest.
   *
   * @param grid merged grid in tokens, for rotary positions on three axes
   */
  public record PlacedPicture(String sha256, int start, int length, GridShape grid) {}

  public TrainingSequence {
    pictures = List.copyOf(pictures);
    if (promptTokens < 1 || promptTokens >= tokens.length) {
      throw new IllegalArgumentException(
          "%d prompt tokens of %d: expected at least one, and one after them"
              .formatted(promptTokens, tokens.length));
    }
  }

  /** Tokens that the loss is over. */
  public int answerTokens() {
    return tokens.length - promptTokens;
  }
}
