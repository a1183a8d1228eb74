package io.trimtab.model.text;

import java.util.List;

/**
 * A conversation as the language model reads it.
 *
 * <p>The array belongs to the prompt; readers do not write to it.
 *
 * @param tokenIds token ids; a picture's placeholder is repeated as often as it has embeddings
 * @param images where each picture's embeddings go, in the order of the pictures
 * @param positions rotary positions of the tokens
 */
@SuppressWarnings("ArrayRecordComponent") // long and read often; prompts are not compared
public record Prompt(int[] tokenIds, List<ImageSpan> images, RopePositions positions) {
  public Prompt {
    images = List.copyOf(images);
    if (positions.length() != tokenIds.length) {
      throw new IllegalArgumentException(
          "%d tokens have %d positions".formatted(tokenIds.length, positions.length()));
    }
  }

  /** Number of tokens. */
  public int length() {
    return tokenIds.length;
  }

  /** Number of tokens that stand for pictures. */
  public int imageTokens() {
    return images.stream().mapToInt(ImageSpan::length).sum();
  }

  /**
   * The tokens {@code [start, start + length)} that stand for picture {@code imageIndex} (from 0).
   */
  public record ImageSpan(int start, int length, int imageIndex) {}
}
