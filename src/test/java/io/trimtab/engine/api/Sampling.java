package io.trimtab.engine.api;

import io.trimtab.engine.api.SamplingParameters.EndTokens;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Sampling parameters for tests: plain sampling at temperature 1, and what differs from it. */
public record Sampling(
    float temperature,
    float topP,
    int topK,
    float minP,
    float repetition,
    float presence,
    float frequency,
    Map<Integer, Float> bias,
    long seed,
    int minTokens,
    List<Integer> stops) {
  public static final Sampling PLAIN = new Sampling(1, 1, 0, 0, 1, 0, 0, Map.of(), 1, 0, List.of());
  public static final Sampling GREEDY = PLAIN.temperature(0);

  public SamplingParameters parameters() {
    return new SamplingParameters(
        0,
        temperature,
        topP,
        topK,
        minP,
        repetition,
        presence,
        frequency,
        bias,
        OptionalLong.of(seed),
        List.of(),
        stops,
        minTokens,
        EndTokens.STOP,
        0);
  }

  public Sampling temperature(double value) {
    return new Sampling(
        (float) value,
        topP,
        topK,
        minP,
        repetition,
        presence,
        frequency,
        bias,
        seed,
        minTokens,
        stops);
  }

  public Sampling topP(double value) {
    return new Sampling(
        temperature,
        (float) value,
        topK,
        minP,
        repetition,
        presence,
        frequency,
        bias,
        seed,
        minTokens,
        stops);
  }

  public Sampling topK(int value) {
    return new Sampling(
        temperature,
        topP,
        value,
        minP,
        repetition,
        presence,
        frequency,
        bias,
        seed,
        minTokens,
        stops);
  }

  public Sampling minP(double value) {
    return new Sampling(
        temperature,
        topP,
        topK,
        (float) value,
        repetition,
        presence,
        frequency,
        bias,
        seed,
        minTokens,
        stops);
  }

  public Sampling repetition(double value) {
    return new Sampling(
        temperature,
        topP,
        topK,
        minP,
        (float) value,
        presence,
        frequency,
        bias,
        seed,
        minTokens,
        stops);
  }

  public Sampling presence(double value) {
    return new Sampling(
        temperature,
        topP,
        topK,
        minP,
        repetition,
        (float) value,
        frequency,
        bias,
        seed,
        minTokens,
        stops);
  }

  public Sampling frequency(double value) {
    return new Sampling(
        temperature,
        topP,
        topK,
        minP,
        repetition,
        presence,
        (float) value,
        bias,
        seed,
        minTokens,
        stops);
  }

  public Sampling bias(Map<Integer, Float> value) {
    return new Sampling(
        temperature,
        topP,
        topK,
        minP,
        repetition,
        presence,
        frequency,
        value,
        seed,
        minTokens,
        stops);
  }

  public Sampling seed(long value) {
    return new Sampling(
        temperature,
        topP,
        topK,
        minP,
        repetition,
        presence,
        frequency,
        bias,
        value,
        minTokens,
        stops);
  }

  public Sampling minTokens(int value, List<Integer> stopTokens) {
    return new Sampling(
        temperature,
        topP,
        topK,
        minP,
        repetition,
        presence,
        frequency,
        bias,
        seed,
        value,
        stopTokens);
  }
}
