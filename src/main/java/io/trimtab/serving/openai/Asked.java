package io.trimtab.serving.openai;

import io.trimtab.engine.api.RawPrompt;
import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.model.text.ChatMessage;
import java.util.List;

/**
 * A request for an answer, read.
 *
 * @param model as the request names it, for the answer
 * @param adapter the same as the engine takes it
 * @param promptField the request's field that has the prompt, which refusals of it name
 */
record Asked(
    String model,
    String adapter,
    String promptField,
    Prompt prompt,
    SamplingParameters sampling,
    ResponseFormat format,
    ChoiceFormat choice,
    Logprobs logprobs,
    Delivery delivery,
    Retention retention) {
  /** What is to be continued. */
  sealed interface Prompt {
    record Conversation(List<ChatMessage> messages) implements Prompt {
      public Conversation {
        messages = List.copyOf(messages);
      }
    }

    record Raw(RawPrompt prompt) implements Prompt {}
  }

  /** How the answer comes. */
  enum Delivery {
    WHOLE,
    STREAMED,
    /** Streamed, with the tokens counted at the end. */
    STREAMED_WITH_USAGE;

    /** As {@code stream} and {@code stream_options} say. */
    static Delivery read(JsonFields request) {
      boolean stream = request.flag("stream").orElse(false);
      boolean usage =
          request
              .fields("stream_options")
              .flatMap(options -> options.flag("include_usage"))
              .orElse(false);
      return stream ? usage ? STREAMED_WITH_USAGE : STREAMED : WHOLE;
    }
  }

  /** Whether the answer is kept so that feedback may name it. */
  enum Retention {
    NONE,
    KEPT
  }
}
