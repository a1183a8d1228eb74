package io.trimtab.cli.ask;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.Completion.Timings;
import io.trimtab.engine.api.Completion.Usage;
import io.trimtab.engine.api.ServedBy;
import java.util.Locale;

/** An answer as JSON, with the names of {@code trimtab.v1}, and what is said about it in a line. */
final class AnswerFormat {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private AnswerFormat() {}

  static String json(Answer answer) {
    Completion completion = answer.completion();
    ObjectNode root = MAPPER.createObjectNode();
    root.put("text", completion.text());
    root.put("reason", reason(completion));
    Usage usage = completion.usage();
    root.putObject("usage")
        .put("prompt_tokens", usage.promptTokens())
        .put("image_tokens", usage.imageTokens())
        .put("completion_tokens", usage.completionTokens())
        .put("cached_prompt_tokens", usage.cachedPromptTokens());
    Timings timings = completion.timings();
    root.putObject("timings")
        .put("queue_us", timings.queueMicros())
        .put("preprocess_us", timings.preprocessMicros())
        .put("vision_us", timings.visionMicros())
        .put("prefill_us", timings.prefillMicros())
        .put("decode_us", timings.decodeMicros());
    ServedBy servedBy = answer.servedBy();
    root.putObject("served_by")
        .put("model", servedBy.model())
        .put("model_digest", servedBy.modelDigest())
        .put("adapter", servedBy.adapter())
        .put("revision", servedBy.revision())
        .put("adapter_digest", servedBy.adapterDigest())
        .put("scale", servedBy.scale());
    return root.toString();
  }

  static String summary(Answer answer) {
    Usage usage = answer.completion().usage();
    Timings timings = answer.completion().timings();
    ServedBy servedBy = answer.servedBy();
    return String.format(
        Locale.ROOT,
        "prompt %d tokens (%d of pictures, %d cached), answer %d tokens, ended by %s; milliseconds:"
            + " queue %.1f, preprocess %.1f, vision %.1f, prefill %.1f, decode %.1f;"
            + " served by %s, %s revision %d, scale %.2f",
        usage.promptTokens(),
        usage.imageTokens(),
        usage.cachedPromptTokens(),
        usage.completionTokens(),
        reason(answer.completion()),
        timings.queueMicros() / 1e3,
        timings.preprocessMicros() / 1e3,
        timings.visionMicros() / 1e3,
        timings.prefillMicros() / 1e3,
        timings.decodeMicros() / 1e3,
        servedBy.model(),
        servedBy.adapter(),
        servedBy.revision(),
        servedBy.scale());
  }

  private static String reason(Completion completion) {
    return completion.reason().name().toLowerCase(Locale.ROOT);
  }
}
