package io.trimtab.engine.sampling;

import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.error.TrimtabException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What one request does to a row of logits before temperature, in this order: logit bias, end and
 * stop tokens before {@code min_tokens}, penalties. Only the tokens concerned are visited.
 */
final class LogitEdits {
  private final int[] biased;
  private final float[] biases;
  private final int[] stops;
  private final int minTokens;
  private final Penalties penalties;
  private int accepted;

  /**
   * @param prompt ids of the expanded prompt
   * @param endTokens the model's own; they are impossible before {@code min_tokens} even where the
   *     request ignores them as ends, as in vLLM
   * @throws TrimtabException INVALID_ARGUMENT when a bias or a stop token is outside the vocabulary
   */
  LogitEdits(SamplingParameters parameters, int vocabulary, int[] prompt, int[] endTokens) {
    Map<Integer, Float> bias = parameters.logitBias();
    biased = bias.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
    biases = new float[biased.length];
    for (int place = 0; place < biased.length; place++) {
      biases[place] = bias.getOrDefault(biased[place], 0f);
    }
    requireKnown("logit_bias", biased, vocabulary);
    int[] stopTokens = parameters.stopTokenIds().stream().mapToInt(Integer::intValue).toArray();
    requireKnown("stop_token_ids", stopTokens, vocabulary);
    stops =
        IntStream.concat(Arrays.stream(endTokens), Arrays.stream(stopTokens))
            .filter(token -> token >= 0 && token < vocabulary)
            .sorted()
            .distinct()
            .toArray();
    minTokens = parameters.minTokens();
    penalties = new Penalties(parameters, vocabulary, prompt);
  }

  /** Whether bias or penalties may lift a token over those that were better before. */
  boolean reorder() {
    return biased.length > 0 || !penalties.areOff();
  }

  /** How many tokens are impossible now. */
  int forbiddenCount() {
    return accepted < minTokens ? stops.length : 0;
  }

  /** Whether this token is impossible now. */
  boolean forbids(int token) {
    return accepted < minTokens && Arrays.binarySearch(stops, token) >= 0;
  }

  /** Moves on by one token of the answer. */
  void accepted(int token) {
    penalties.accepted(token);
    accepted++;
  }

  /** How many tokens the answer has. */
  int acceptedCount() {
    return accepted;
  }

  /** Changes {@code [vocabulary]} logits in place; what is impossible becomes -infinity. */
  void apply(float[] logits) {
    bias(logits);
    for (int place = 0; place < forbiddenCount(); place++) {
      logits[stops[place]] = Float.NEGATIVE_INFINITY;
    }
    penalties.apply(logits);
  }

  /** The same without what is impossible before {@code min_tokens}. */
  void applyWithoutMinTokens(float[] logits) {
    bias(logits);
    penalties.apply(logits);
  }

  private void bias(float[] logits) {
    for (int place = 0; place < biased.length; place++) {
      int token = biased[place];
      logits[token] = edited(logits[token], (double) logits[token] + biases[place]);
    }
  }

  /**
   * An edit as it is stored. It stays finite, since an infinity is taken for a broken model; what
   * was impossible stays impossible.
   */
  static float edited(float before, double after) {
    return before == Float.NEGATIVE_INFINITY
        ? before
        : (float) Math.clamp(after, -Float.MAX_VALUE, Float.MAX_VALUE);
  }

  private static void requireKnown(String field, int[] tokens, int vocabulary) {
    for (int token : tokens) {
      if (token < 0 || token >= vocabulary) {
        throw TrimtabException.invalid(
            "%s names token %d, expected 0 to %d".formatted(field, token, vocabulary - 1));
      }
    }
  }
}
