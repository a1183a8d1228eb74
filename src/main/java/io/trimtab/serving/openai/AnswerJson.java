package io.trimtab.serving.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.serving.http.HttpFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes one answer: whole, or as the events of a stream, each {@code data: JSON} and an empty
 * line. One thread at a time.
 */
final class AnswerJson {
  private static final JsonFactory JSON = new ObjectMapper().getFactory();
  private static final byte[] DATA = ascii("data: ");
  private static final byte[] EVENT_END = ascii("\n\n");
  private static final byte[] DONE = ascii("data: [DONE]\n\n");

  /** Whether a stream tells the tokens it counted. */
  enum StreamedUsage {
    OMIT,
    /** In an event of its own, the last, as {@code stream_options.include_usage} asks. */
    AT_END
  }

  private final AnswerIds ids;
  private final ChoiceFormat choice;
  private final StreamedUsage usage;

  AnswerJson(AnswerIds ids, ChoiceFormat choice, StreamedUsage usage) {
    this.ids = ids;
    this.choice = choice;
    this.usage = usage;
  }

  private interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  /** The answer in one object. */
  byte[] whole(ServedBy by, Completion completion, List<TokenLogprob> logprobs) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(
        out,
        json -> {
          writeHead(json, choice.wholeObject(), by);
          writeChoice(
              json,
              fields ->
                  choice.writeWhole(
                      fields, completion.text(), logprobs, finishReason(completion.reason())));
          writeUsage(json, completion.usage());
        });
    return out.toByteArray();
  }

  /** The events before the first text; may be none. */
  void opening(ByteArrayOutputStream out, ServedBy by) {
    if (choice.opens()) {
      event(out, by, choice::writeOpening);
    }
  }

  /** More text, and the tokens behind it. */
  void delta(ByteArrayOutputStream out, ServedBy by, String text, List<TokenLogprob> logprobs) {
    event(out, by, json -> choice.writeDelta(json, text, logprobs));
  }

  /** All that comes behind the last text. */
  void end(ByteArrayOutputStream out, ServedBy by, Completion completion) {
    event(out, by, json -> choice.writeEnd(json, finishReason(completion.reason())));
    if (usage == StreamedUsage.AT_END) {
      out.writeBytes(DATA);
      write(
          out,
          json -> {
            writeHead(json, choice.chunkObject(), by);
            json.writeArrayFieldStart("choices");
            json.writeEndArray();
            writeUsage(json, completion.usage());
          });
      out.writeBytes(EVENT_END);
    }
    out.writeBytes(DONE);
  }

  /** All that comes behind the last text of an answer that failed: the error, as vLLM tells it. */
  static void failure(ByteArrayOutputStream out, HttpFailure failure) {
    out.writeBytes(DATA);
    out.writeBytes(failure.json());
    out.writeBytes(EVENT_END);
    out.writeBytes(DONE);
  }

  private void event(ByteArrayOutputStream out, ServedBy by, Fields fields) {
    out.writeBytes(DATA);
    write(
        out,
        json -> {
          writeHead(json, choice.chunkObject(), by);
          writeChoice(json, fields);
          if (usage == StreamedUsage.AT_END) {
            json.writeNullField("usage");
          }
        });
    out.writeBytes(EVENT_END);
  }

  private void writeHead(JsonGenerator json, String object, ServedBy by) throws IOException {
    json.writeStringField("id", ids.id());
    json.writeStringField("object", object);
    json.writeNumberField("created", ids.created());
    json.writeStringField("model", ids.model());
    json.writeStringField("system_fingerprint", AnswerIds.fingerprint(by));
  }

  private static void writeChoice(JsonGenerator json, Fields fields) throws IOException {
    json.writeArrayFieldStart("choices");
    json.writeStartObject();
    json.writeNumberField("index", 0);
    fields.write(json);
    json.writeEndObject();
    json.writeEndArray();
  }

  private static void writeUsage(JsonGenerator json, Completion.Usage usage) throws IOException {
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", usage.promptTokens());
    json.writeNumberField("completion_tokens", usage.completionTokens());
    json.writeNumberField("total_tokens", usage.promptTokens() + usage.completionTokens());
    json.writeObjectFieldStart("prompt_tokens_details");
    json.writeNumberField("cached_tokens", usage.cachedPromptTokens());
    json.writeNumberField("image_tokens", usage.imageTokens());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static String finishReason(Completion.FinishReason reason) {
    return switch (reason) {
      case STOP -> "stop";
      case LENGTH -> "length";
      // vLLM's word; the client that would read it has gone.
      case CANCELLED -> "abort";
    };
  }

  private static void write(ByteArrayOutputStream out, Fields fields) {
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("Memory refused bytes", e);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
