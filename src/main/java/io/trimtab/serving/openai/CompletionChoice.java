package io.trimtab.serving.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.trimtab.engine.api.TokenLogprob;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A choice of {@code /v1/completions}, whose logprobs are lists side by side. */
final class CompletionChoice implements ChoiceFormat {
  private static final String OBJECT = "text_completion";

  private final Logprobs logprobs;
  private int textOffset;

  CompletionChoice(Logprobs logprobs) {
    this.logprobs = logprobs;
  }

  @Override
  public String wholeObject() {
    return OBJECT;
  }

  @Override
  public String chunkObject() {
    return OBJECT;
  }

  @Override
  public boolean opens() {
    return false;
  }

  @Override
  public void writeOpening(JsonGenerator json) {
    throw new IllegalStateException("A completion has no piece before its text");
  }

  @Override
  public void writeDelta(JsonGenerator json, String text, List<TokenLogprob> tokens)
      throws IOException {
    write(json, text, tokens, null);
  }

  @Override
  public void writeEnd(JsonGenerator json, String finishReason) throws IOException {
    json.writeStringField("text", "");
    json.writeNullField("logprobs");
    json.writeStringField("finish_reason", finishReason);
  }

  @Override
  public void writeWhole(
      JsonGenerator json, String text, List<TokenLogprob> tokens, String finishReason)
      throws IOException {
    write(json, text, tokens, finishReason);
  }

  private void write(
      JsonGenerator json, String text, List<TokenLogprob> tokens, @Nullable String finishReason)
      throws IOException {
    json.writeStringField("text", text);
    switch (logprobs) {
      case OMIT -> json.writeNullField("logprobs");
      case WRITE -> writeLogprobs(json, tokens);
    }
    json.writeStringField("finish_reason", finishReason);
  }

  private void writeLogprobs(JsonGenerator json, List<TokenLogprob> tokens) throws IOException {
    json.writeObjectFieldStart("logprobs");
    json.writeArrayFieldStart("tokens");
    for (TokenLogprob token : tokens) {
      json.writeString(token.text());
    }
    json.writeEndArray();
    json.writeArrayFieldStart("token_logprobs");
    for (TokenLogprob token : tokens) {
      json.writeNumber(JsonNumbers.logprob(token.logprob()));
    }
    json.writeEndArray();
    json.writeArrayFieldStart("top_logprobs");
    for (TokenLogprob token : tokens) {
      json.writeStartObject();
      for (TokenLogprob top : token.top()) {
        json.writeNumberField(top.text(), JsonNumbers.logprob(top.logprob()));
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("text_offset");
    for (TokenLogprob token : tokens) {
      json.writeNumber(textOffset);
      textOffset += token.text().length();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
