package io.trimtab.serving.openai;

import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.TokenCodec;
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
  private final TokenCodec codec;

  ChatReader(
      ServedModels models,
      SamplingDefaults defaults,
      ServingLimits limits,
      PictureUrls urls,
      TokenCodec codec) {
    this.codec = codec;
    this.models = models;
    this.defaults = defaults;
    this.limits = limits;
    this.urls = urls;
  }

  /** Takes time in proportion to the pictures' bytes, or until they are fetched. */
  Asked read(JsonFields request, String tenant) {
    Unsupported.refuse(request);
    String model = request.text(ServedModels.FIELD).orElse("");
    String adapter = models.adapter(tenant, model);
    Logprobs logprobs = request.flag("logprobs").orElse(false) ? Logprobs.WRITE : Logprobs.OMIT;
    SamplingParameters sampling =
        new SamplingFields(request, defaults).readChat(topLogprobs(request, logprobs));
    ResponseFormat format = FormatField.read(request);
    List<ChatMessage> messages = new MessageFields(limits, urls).read(request);
    return new Asked(
        model.isEmpty() ? models.baseName() : model,
        adapter,
        "messages",
        new Asked.Prompt.Conversation(messages),
        sampling,
        format,
        new ChatChoice(logprobs, codec),
        logprobs,
        Delivery.read(request),
        request.flag("store").orElse(false) ? Retention.KEPT : Retention.NONE);
  }

  private static int topLogprobs(JsonFields request, Logprobs logprobs) {
    int top = request.whole("top_logprobs").orElse(0);
    if (top != 0 && logprobs == Logprobs.OMIT) {
      throw FieldException.invalid(
          "top_logprobs", "top_logprobs is %d, expected logprobs to be true".formatted(top));
    }
    return top;
  }
}
