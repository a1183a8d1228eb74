package io.trimtab.serving.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.trimtab.engine.api.TokenLogprob;
import java.io.IOException;
import java.util.List;

/**
 * How the one choice of an answer is written: of chat, or of plain completion. Each method writes
 * fields into an object that is open. Used by one thread at a time, in the order of the answer.
 */
interface ChoiceFormat {
  /** The {@code object} of an answer that comes whole. */
  String wholeObject();

  /** The {@code object} of a piece. */
  String chunkObject();

  /** Whether a piece of its own comes before the first text. */
  boolean opens();

  void writeOpening(JsonGenerator json) throws IOException;

  void writeDelta(JsonGenerator json, String text, List<TokenLogprob> logprobs) throws IOException;

  /** The last piece, which says why the answer ends. */
  void writeEnd(JsonGenerator json, String finishReason) throws IOException;

  void writeWhole(JsonGenerator json, String text, List<TokenLogprob> logprobs, String finishReason)
      throws IOException;
}
