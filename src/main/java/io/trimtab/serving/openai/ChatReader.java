package io.trimtab.serving.openai;

import io.trimtab.engine.SamplingParameters;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.http.FieldException;
import io.trimtab.serving.openai.Asked.Delivery;
import io.trimtab.serving.openai.Asked.Retention;
import java.util.List;

/** Reads requests for chat completions. Refusals name the field. Any thread. */
final class ChatReader {
  private final ServedModels models;
  private final SamplingDefaults defaults;
  private final ServingLimits limits;
  private final PictureUrls urls;

  ChatReader(
      ServedModels models, SamplingDefaults defaults, ServingLimits limits, PictureUrls urls) {
    this.models = models;
    this.defaults = defaults;
    this.limits = limits;
    this.urls = urls;
  }

  /** Takes time in proportion to the pictures' bytes, or until they are fetched. */
  Asked read(JsonFields request) {
    Unsupported.refuse(request);
    String model = request.text(ServedModels.FIELD).orElse("");
    String adapter = models.adapter(model);
    Logprobs logprobs = request.flag("logprobs").orElse(false) ? Logprobs.WRITE : Logprobs.OMIT;
    SamplingParameters sampling =
        new SamplingFields(request, defaults)
            .read(maxTokensField(request), topLogprobs(request, logprobs));
    requireText(ResponseFormat.read(request));
    List<ChatMessage> messages = new MessageFields(limits, urls).read(request);
    return new Asked(
        model.isEmpty() ? models.baseName() : model,
        adapter,
        "messages",
        messages,
        sampling,
        new ChatChoice(logprobs),
        logprobs,
        Delivery.read(request),
        request.flag("store").orElse(false) ? Retention.KEPT : Retention.NONE);
  }

  /** The newer name where there is one. */
  private static String maxTokensField(JsonFields request) {
    return request.has("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
  }

  private static int topLogprobs(JsonFields request, Logprobs logprobs) {
    int top = request.whole("top_logprobs").orElse(0);
    if (top != 0 && logprobs == Logprobs.OMIT) {
      throw FieldException.invalid(
          "top_logprobs", "top_logprobs is %d, expected logprobs to be true".formatted(top));
    }
    return top;
  }

  private static void requireText(ResponseFormat format) {
    switch (format) {
      case ResponseFormat.Text _ -> {}
      case ResponseFormat.JsonObject _, ResponseFormat.JsonSchema _ ->
          throw FieldException.invalid(
              ResponseFormat.FIELD,
              "Only response_format of type text is supported by this server yet");
    }
  }
}
