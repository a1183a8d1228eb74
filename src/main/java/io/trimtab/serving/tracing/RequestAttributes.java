package io.trimtab.serving.tracing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.ServedBy;
import java.util.Locale;

/** What a request asks, and what comes of it, without any of what was said. */
final class RequestAttributes {
  private RequestAttributes() {}

  /**
   * Of a request as it comes in.
   *
   * @param model name of the base model, which is asked where no adapter is named
   */
  static Attributes of(GenerationRequest request, String model) {
    AttributesBuilder attributes =
        Attributes.builder()
            .put(TraceNames.OPERATION, request.rawPrompt().isPresent() ? "text_completion" : "chat")
            .put(TraceNames.PROVIDER, TraceNames.PROVIDER_NAME)
            .put(TraceNames.REQUEST_MODEL, asked(request.adapter(), model))
            .put(TraceNames.REQUEST_ID, request.requestId())
            .put(TraceNames.TENANT, request.tenant())
            .put(
                TraceNames.PICTURES,
                request.messages().stream().mapToLong(each -> each.pictures().count()).sum())
            .put(
                TraceNames.OUTPUT_TYPE,
                request.format().equals(ResponseFormat.TEXT) ? "text" : "json");
    if (!request.origin().answerId().isEmpty()) {
      attributes.put(TraceNames.RESPONSE_ID, request.origin().answerId());
    }
    sampling(attributes, request.sampling());
    return attributes.build();
  }

  private static String asked(String adapter, String model) {
    return adapter.isEmpty() || adapter.equals(ServedBy.BASE) ? model : adapter;
  }

  private static void sampling(AttributesBuilder attributes, SamplingParameters sampling) {
    attributes.put(TraceNames.TEMPERATURE, decimal(sampling.temperature()));
    attributes.put(TraceNames.TOP_P, decimal(sampling.topP()));
    if (sampling.maxTokens() > 0) {
      attributes.put(TraceNames.MAX_TOKENS, (long) sampling.maxTokens());
    }
    if (sampling.topK() > 0) {
      attributes.put(TraceNames.TOP_K, (double) sampling.topK());
    }
    if (sampling.frequencyPenalty() != 0) {
      attributes.put(TraceNames.FREQUENCY_PENALTY, decimal(sampling.frequencyPenalty()));
    }
    if (sampling.presencePenalty() != 0) {
      attributes.put(TraceNames.PRESENCE_PENALTY, decimal(sampling.presencePenalty()));
    }
    sampling.seed().ifPresent(seed -> attributes.put(TraceNames.SEED, seed));
    if (!sampling.stop().isEmpty()) {
      attributes.put(TraceNames.STOP_SEQUENCES, sampling.stop());
    }
  }

  /** The number that people wrote: 0.7, not 0.699999988079071. */
  static double decimal(float value) {
    return Double.parseDouble(Float.toString(value));
  }

  /** Of what a request is served by. */
  static Attributes of(ServedBy by) {
    AttributesBuilder attributes =
        Attributes.builder()
            .put(
                TraceNames.RESPONSE_MODEL,
                by.revision() == 0 ? by.model() : by.adapter() + "@" + by.revision())
            .put(TraceNames.ADAPTER, by.adapter())
            .put(TraceNames.REVISION, (long) by.revision())
            .put(TraceNames.SCALE, decimal(by.scale()));
    if (!by.adapterDigest().isEmpty()) {
      attributes.put(TraceNames.DIGEST, by.adapterDigest());
    }
    return attributes.build();
  }

  /** Of an answer. */
  static Attributes of(Completion completion) {
    Completion.Usage usage = completion.usage();
    return Attributes.builder()
        .put(TraceNames.FINISH_REASONS, completion.reason().name().toLowerCase(Locale.ROOT))
        .put(TraceNames.INPUT_TOKENS, (long) usage.promptTokens())
        .put(TraceNames.OUTPUT_TOKENS, (long) usage.completionTokens())
        .put(TraceNames.CACHED_TOKENS, (long) usage.cachedPromptTokens())
        .put(TraceNames.IMAGE_TOKENS, (long) usage.imageTokens())
        .build();
  }
}
