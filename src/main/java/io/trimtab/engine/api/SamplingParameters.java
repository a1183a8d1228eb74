package io.trimtab.engine.api;

import io.trimtab.error.TrimtabException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How the next token is chosen, with vLLM's names and meanings. Order of application: logit bias,
 * end tokens before {@code minTokens}, penalties, temperature, min-p, top-k, top-p.
 *
 * @param maxTokens most tokens to generate, 1 and above; 0 is the server's default
 * @param temperature 0 is greedy; up to 2 is usual, any finite value of 0 and above is taken
 * @param topP smallest set of tokens with at least this probability mass, in (0, 1]; 1 is off
 * @param topK number of most likely tokens to choose from; 0 is off
 * @param minP tokens below this share of the most likely one's probability are dropped, in [0, 1];
 *     0 is off
 * @param repetitionPenalty above 0; 1 is off; divides positive and multiplies negative logits of
 *     tokens in prompt or answer (CTRL, arXiv 1909.05858)
 * @param presencePenalty in [-2, 2]; subtracted once from the logits of tokens in the answer
 * @param frequencyPenalty in [-2, 2]; subtracted once for each time a token is in the answer
 * @param logitBias added to the logits of these token ids; finite
 * @param seed same seed, request and revision: same answer
 * @param stop texts that end the answer, not part of it; at most 16, none empty
 * @param stopTokenIds tokens that end the answer
 * @param minTokens end and stop tokens are impossible before this many
 * @param endTokens whether the model's own end tokens end the answer
 * @param topLogprobs alternatives to report for each token, at most {@link #TOP_LOGPROBS_MAX}, and
 *     with all tokens at most {@link #LOGPROBS_MAX}
 */
public record SamplingParameters(
    int maxTokens,
    float temperature,
    float topP,
    int topK,
    float minP,
    float repetitionPenalty,
    float presencePenalty,
    float frequencyPenalty,
    Map<Integer, Float> logitBias,
    OptionalLong seed,
    List<String> stop,
    List<Integer> stopTokenIds,
    int minTokens,
    EndTokens endTokens,
    int topLogprobs) {
  /** The graph's own number of best tokens per row. */
  public static final int TOP_LOGPROBS_MAX = 64;

  /** Log-probabilities that one result has at most, alternatives included: some are held whole. */
  public static final int LOGPROBS_MAX = 1 << 20;

  private static final int STOPS_MAX = 16;
  private static final int LOGIT_BIASES_MAX = 1024;

  /** What the model's own end tokens do. */
  public enum EndTokens {
    STOP,
    IGNORE
  }

  public SamplingParameters {
    logitBias = Map.copyOf(logitBias);
    stop = List.copyOf(stop);
    stopTokenIds = List.copyOf(stopTokenIds);
    require(maxTokens >= 0, "max_tokens", "0 and above", maxTokens);
    require(
        temperature >= 0 && Float.isFinite(temperature), "temperature", "0 and above", temperature);
    require(topP > 0 && topP <= 1, "top_p", "above 0 and at most 1", topP);
    require(topK >= 0, "top_k", "0 and above", topK);
    require(minP >= 0 && minP <= 1, "min_p", "0 to 1", minP);
    require(
        repetitionPenalty > 0 && Float.isFinite(repetitionPenalty),
        "repetition_penalty",
        "above 0",
        repetitionPenalty);
    require(
        presencePenalty >= -2 && presencePenalty <= 2,
        "presence_penalty",
        "-2 to 2",
        presencePenalty);
    require(
        frequencyPenalty >= -2 && frequencyPenalty <= 2,
        "frequency_penalty",
        "-2 to 2",
        frequencyPenalty);
    require(
        logitBias.values().stream().allMatch(Float::isFinite),
        "logit_bias",
        "finite values",
        logitBias);
    require(
        logitBias.size() <= LOGIT_BIASES_MAX,
        "logit_bias",
        "at most %d entries".formatted(LOGIT_BIASES_MAX),
        logitBias.size());
    require(stop.size() <= STOPS_MAX, "stop", "at most %d texts".formatted(STOPS_MAX), stop.size());
    require(stop.stream().noneMatch(String::isEmpty), "stop", "texts that are not empty", stop);
    require(minTokens >= 0, "min_tokens", "0 and above", minTokens);
    require(
        maxTokens == 0 || minTokens <= maxTokens,
        "min_tokens",
        "at most max_tokens (%d)".formatted(maxTokens),
        minTokens);
    require(
        topLogprobs >= 0 && topLogprobs <= TOP_LOGPROBS_MAX,
        "top_logprobs",
        "0 to %d".formatted(TOP_LOGPROBS_MAX),
        topLogprobs);
    long tokens = Math.max(maxTokens, minTokens);
    require(
        topLogprobs == 0 || tokens * (1 + topLogprobs) <= LOGPROBS_MAX,
        "top_logprobs",
        "max_tokens * (1 + top_logprobs) of at most %d with %d tokens"
            .formatted(LOGPROBS_MAX, tokens),
        topLogprobs);
  }

  /**
   * Most tokens to generate. The server's own number, where it counts, is cut to what {@link
   * #LOGPROBS_MAX} leaves.
   *
   * @param byDefault of an answer whose request says none
   */
  public int maxTokensOr(int byDefault) {
    if (maxTokens > 0) {
      return maxTokens;
    }
    int most = topLogprobs == 0 ? byDefault : LOGPROBS_MAX / (1 + topLogprobs);
    return Math.max(Math.min(byDefault, most), minTokens);
  }

  /** The most likely token at each step, until an end token or {@code maxTokens}. */
  public static SamplingParameters greedy(int maxTokens) {
    return builder().maxTokens(maxTokens).build();
  }

  /** Greedy sampling with the server's number of tokens, to be changed. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Parameters in the making: greedy, with nothing else on, until told otherwise. Each method is
   * named as what it sets. One thread.
   */
  public static final class Builder {
    private int maxTokens;
    private float temperature;
    private float topP = 1;
    private int topK;
    private float minP;
    private float repetitionPenalty = 1;
    private float presencePenalty;
    private float frequencyPenalty;
    private Map<Integer, Float> logitBias = Map.of();
    private OptionalLong seed = OptionalLong.empty();
    private List<String> stop = List.of();
    private List<Integer> stopTokenIds = List.of();
    private int minTokens;
    private EndTokens endTokens = EndTokens.STOP;
    private int topLogprobs;

    private Builder() {}

    public Builder maxTokens(int value) {
      maxTokens = value;
      return this;
    }

    public Builder temperature(float value) {
      temperature = value;
      return this;
    }

    public Builder topP(float value) {
      topP = value;
      return this;
    }

    public Builder topK(int value) {
      topK = value;
      return this;
    }

    public Builder minP(float value) {
      minP = value;
      return this;
    }

    public Builder repetitionPenalty(float value) {
      repetitionPenalty = value;
      return this;
    }

    public Builder presencePenalty(float value) {
      presencePenalty = value;
      return this;
    }

    public Builder frequencyPenalty(float value) {
      frequencyPenalty = value;
      return this;
    }

    public Builder logitBias(Map<Integer, Float> value) {
      logitBias = value;
      return this;
    }

    public Builder seed(OptionalLong value) {
      seed = value;
      return this;
    }

    public Builder stop(List<String> value) {
      stop = value;
      return this;
    }

    public Builder stopTokenIds(List<Integer> value) {
      stopTokenIds = value;
      return this;
    }

    public Builder minTokens(int value) {
      minTokens = value;
      return this;
    }

    public Builder endTokens(EndTokens value) {
      endTokens = value;
      return this;
    }

    public Builder topLogprobs(int value) {
      topLogprobs = value;
      return this;
    }

    /**
     * The parameters.
     *
     * @throws TrimtabException INVALID_ARGUMENT for a value out of its range
     */
    public SamplingParameters build() {
      return new SamplingParameters(
          maxTokens,
          temperature,
          topP,
          topK,
          minP,
          repetitionPenalty,
          presencePenalty,
          frequencyPenalty,
          logitBias,
          seed,
          stop,
          stopTokenIds,
          minTokens,
          endTokens,
          topLogprobs);
    }
  }

  private static void require(boolean holds, String field, String expected, Object value) {
    if (!holds) {
      throw TrimtabException.invalid("%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
