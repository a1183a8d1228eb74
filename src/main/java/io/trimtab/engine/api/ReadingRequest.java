package io.trimtab.engine.api;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Prompt;
import java.util.List;
import java.util.Optional;

/**
 * An answer that was given already, to be read by a model: what it would have said at each of the
 * places. One teacher-forced prefill, nothing is generated.
 *
 * @param adapter as in {@link GenerationRequest}
 * @param messages whose pictures the prompt's image tokens stand for
 * @param prompt what was answered, as {@link AnswerReading#prompt} says; rendered anew it might be
 *     another, since a chat template may ask for the time
 * @param tokens of the answer, at least one; ids of the vocabulary. The array belongs to the record
 * @param priority whose turn it is first
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ReadingRequest(
    String requestId,
    String tenant,
    String adapter,
    List<ChatMessage> messages,
    Prompt prompt,
    int[] tokens,
    Priority priority) {
  public ReadingRequest {
    messages = List.copyOf(messages);
    if (tokens.length == 0) {
      throw TrimtabException.invalid("The answer to read has no tokens, expected at least one");
    }
  }

  public Optional<String> outside(int vocabulary) {
    for (int token : tokens) {
      if (token < 0 || token >= vocabulary) {
        return Optional.of(
            "The answer to read has token %d, expected 0 to %d".formatted(token, vocabulary - 1));
      }
    }
    return Optional.empty();
  }
}
