package io.trimtab.serving.openai;

/** Numbers that JSON can carry. */
final class JsonNumbers {
  /** What vLLM says of a token that is impossible: JSON knows no infinity. */
  private static final float IMPOSSIBLE = -9999;

  private JsonNumbers() {}

  static float logprob(float logprob) {
    return Math.max(logprob, IMPOSSIBLE);
  }
}
