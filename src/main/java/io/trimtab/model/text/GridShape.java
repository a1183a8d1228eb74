package io.trimtab.model.text;

/**
 * Rows and columns of a picture's tokens in the language model (for Qwen2.5-VL: after the merger).
 */
public record GridShape(int height, int width) {
  public GridShape {
    if (height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "Expected a grid of at least 1x1 tokens, got %dx%d".formatted(height, width));
    }
  }

  /** Number of tokens. */
  public int tokens() {
    return Math.multiplyExact(height, width);
  }
}
