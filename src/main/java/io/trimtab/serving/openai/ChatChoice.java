package io.trimtab.serving.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.trimtab.engine.api.TokenCodec;
import io.trimtab.engine.api.TokenLogprob;
import java.io.IOException;
import java.util.List;

/** A choice of {@code /v1/chat/completions}. */
final class ChatChoice implements ChoiceFormat {
  private final Logprobs logprobs;
  private final TokenCodec codec;

  /**
   * @param codec tells what bytes a token is, which may be less than a character
   */
  ChatChoice(Logprobs logprobs, TokenCodec codec) {
    this.logprobs = logprobs;
    this.codec = codec;
  }

  @Override
  public String wholeObject() {
    return "chat.completion";
  }

  @Override
  public String chunkObject() {
    return "chat.completion.chunk";
  }

  @Override
  public boolean opens() {
    return true;
  }

  @Override
  public void writeOpening(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("delta");
    json.writeStringField("role", "assistant");
    json.writeStringField("content", "");
    json.writeEndObject();
    json.writeNullField("logprobs");
    json.writeNullField("finish_reason");
  }

  @Override
  public void writeDelta(JsonGenerator json, String text, List<TokenLogprob> tokens)
      throws IOException {
    json.writeObjectFieldStart("delta");
    json.writeStringField("content", text);
    json.writeEndObject();
    writeLogprobs(json, tokens);
    json.writeNullField("finish_reason");
  }

  @Override
  public void writeEnd(JsonGenerator json, String finishReason) throws IOException {
    json.writeObjectFieldStart("delta");
    json.writeEndObject();
    json.writeNullField("logprobs");
    json.writeStringField("finish_reason", finishReason);
  }

  @Override
  public void writeWhole(
      JsonGenerator json, String text, List<TokenLogprob> tokens, String finishReason)
      throws IOException {
    json.writeObjectFieldStart("message");
    json.writeStringField("role", "assistant");
    json.writeStringField("content", text);
    json.writeNullField("refusal");
    json.writeEndObject();
    writeLogprobs(json, tokens);
    json.writeStringField("finish_reason", finishReason);
  }

  private void writeLogprobs(JsonGenerator json, List<TokenLogprob> tokens) throws IOException {
    switch (logprobs) {
      case OMIT -> json.writeNullField("logprobs");
      case WRITE -> {
        json.writeObjectFieldStart("logprobs");
        json.writeArrayFieldStart("content");
        for (TokenLogprob token : tokens) {
          json.writeStartObject();
          writeToken(json, token);
          json.writeArrayFieldStart("top_logprobs");
          for (TokenLogprob top : token.top()) {
            json.writeStartObject();
            writeToken(json, top);
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNullField("refusal");
        json.writeEndObject();
      }
    }
  }

  private void writeToken(JsonGenerator json, TokenLogprob token) throws IOException {
    json.writeStringField("token", token.text());
    json.writeNumberField("logprob", JsonNumbers.logprob(token.logprob()));
    json.writeArrayFieldStart("bytes");
    for (byte each : codec.bytesOf(token.token())) {
      json.writeNumber(Byte.toUnsignedInt(each));
    }
    json.writeEndArray();
  }
}
