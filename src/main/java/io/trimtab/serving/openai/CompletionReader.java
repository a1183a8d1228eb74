package io.trimtab.serving.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.TokenFrame;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.http.FieldException;
import io.trimtab.serving.openai.Asked.Delivery;
import io.trimtab.serving.openai.Asked.Retention;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads requests for plain completions: a text or tokens that the model continues as they are. Any
 * thread.
 */
final class CompletionReader {
  private static final String PROMPT = "prompt";

  private final ServedModels models;
  private final SamplingDefaults defaults;
  private final ServingLimits limits;

  CompletionReader(ServedModels models, SamplingDefaults defaults, ServingLimits limits) {
    this.models = models;
    this.defaults = defaults;
    this.limits = limits;
  }

  Asked read(JsonFields request, String tenant) {
    Unsupported.refuse(request);
    String model = request.text(ServedModels.FIELD).orElse("");
    String adapter = models.adapter(tenant, model);
    Logprobs logprobs = request.has("logprobs") ? Logprobs.WRITE : Logprobs.OMIT;
    SamplingParameters sampling =
        new SamplingFields(request, defaults).readCompletion(request.whole("logprobs").orElse(0));
    ResponseFormat format = FormatField.read(request);
    return new Asked(
        model.isEmpty() ? models.baseName() : model,
        adapter,
        PROMPT,
        new Asked.Prompt.Raw(prompt(request, TokenFrame.ADD)),
        sampling,
        format,
        new CompletionChoice(logprobs),
        logprobs,
        Delivery.read(request),
        Retention.NONE);
  }

  /** A prompt as a text, tokens, or a list of one of those. */
  RawPrompt prompt(JsonFields request, TokenFrame frame) {
    JsonNode prompt = request.get(PROMPT);
    if (prompt.isArray() && prompt.size() == 1 && !prompt.get(0).isNumber()) {
      prompt = prompt.get(0);
    }
    try {
      if (prompt.isTextual()) {
        requireAtMost(prompt.textValue().length(), "characters");
        return new RawPrompt.Text(prompt.textValue(), frame);
      }
      if (prompt.isArray() && (prompt.isEmpty() || prompt.get(0).isNumber())) {
        requireAtMost(prompt.size(), "tokens");
        List<JsonNode> ids = new ArrayList<>(prompt.size());
        prompt.forEach(ids::add);
        return new RawPrompt.Tokens(TokenIds.of(ids, PROMPT));
      }
    } catch (TrimtabException e) {
      throw new FieldException(PROMPT, e);
    }
    if (prompt.isArray()) {
      throw FieldException.invalid(
          PROMPT, "prompt has %d prompts, expected one a request".formatted(prompt.size()));
    }
    throw JsonFields.wrongKind(PROMPT, "a text or token ids", prompt);
  }

  private void requireAtMost(int count, String what) {
    if (count > limits.textCharactersMax()) {
      throw FieldException.invalid(
          PROMPT,
          "prompt has %d %s, expected at most %d"
              .formatted(count, what, limits.textCharactersMax()));
    }
  }
}
