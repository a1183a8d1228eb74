package io.trimtab.engine;

import io.trimtab.engine.SamplingParameters.EndTokens;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Sampling parameters for tests: plain sampling at temperature 1, and what differs from it. */
record Sampling(
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
  static final Sampling PLAIN = new Sampling(1, 1, 0, 0, 1, 0, 0, Map.of(), 1, 0, List.of());
  static final Sampling GREEDY = PLAIN.temperature(0);

  SamplingParameters parameters() {
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

  Sampling temperature(double value) {
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

  Sampling topP(double value) {
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

  Sampling topK(int value) {
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

  Sampling minP(double value) {
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

  Sampling repetition(double value) {
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

  Sampling presence(double value) {
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

  Sampling frequency(double value) {
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

  Sampling bias(Map<Integer, Float> value) {
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

  Sampling seed(long value) {
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

  Sampling minTokens(int value, List<Integer> stopTokens) {
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
