package io.trimtab.serving.openinference;

import inference.InferParameter;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.Sampling;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the parameters of one request. One that is not known is refused: passed over, it would be a
 * wish that nobody fulfils.
 */
final class RequestParameters {
  /** As vLLM and Triton name them. */
  static final String KNOWN =
      "max_tokens, min_tokens, temperature, top_p, top_k, min_p, repetition_penalty,"
          + " presence_penalty, frequency_penalty, seed, ignore_eos, stop, stop_token_ids, timeout,"
          + " retain, triton_enable_empty_final_response";

  private final Sampling.Builder sampling = Sampling.newBuilder();
  private boolean retain;
  private Duration timeout = Duration.ZERO;

  private RequestParameters() {}

  static RequestParameters read(Map<String, InferParameter> parameters) {
    RequestParameters read = new RequestParameters();
    parameters.forEach((name, value) -> read.take(new ParameterValue(name, value)));
    return read;
  }

  private void take(ParameterValue value) {
    switch (value.name()) {
      case "max_tokens" -> sampling.setMaxTokens(value.count());
      case "min_tokens" -> sampling.setMinTokens(value.count());
      case "temperature" -> sampling.setTemperature(value.number());
      case "top_p" -> sampling.setTopP(value.number());
      // vLLM's -1 is its 0: all tokens.
      case "top_k" -> sampling.setTopK(value.bits() == -1 ? 0 : value.count());
      case "min_p" -> sampling.setMinP(value.number());
      case "repetition_penalty" -> sampling.setRepetitionPenalty(value.number());
      case "presence_penalty" -> sampling.setPresencePenalty(value.number());
      case "frequency_penalty" -> sampling.setFrequencyPenalty(value.number());
      case "seed" -> sampling.setSeed(value.bits());
      case "ignore_eos" -> sampling.setIgnoreEos(value.flag());
      case "stop" -> sampling.addAllStop(value.texts());
      case "stop_token_ids" -> sampling.addAllStopTokenIds(value.counts());
      case "timeout" -> timeout = Duration.of(value.micros(), ChronoUnit.MICROS);
      case "retain" -> retain = value.flag();
      case "triton_enable_empty_final_response" -> value.flag();
      default ->
          throw TrimtabException.invalid(
              "There is no parameter %s, expected one of %s"
                  .formatted(Quoted.of(value.name()), KNOWN));
    }
  }

  void writeTo(GenerateRequest.Builder request) {
    request.setSampling(sampling).setRetain(retain);
  }

  /** How long the answer is wanted; empty for no limit. */
  Optional<Duration> timeout() {
    return timeout.isZero() ? Optional.empty() : Optional.of(timeout);
  }
}
