package io.trimtab.cli.ask;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Carries one answer from the generator's thread to the one that prints, so that a slow terminal
 * does not hold up generation. Holds at most one answer, which {@code max_tokens} bounds.
 */
final class AnswerInbox implements GenerationListener {
  private sealed interface Event {
    record Started(ServedBy servedBy) implements Event {}

    record Text(String text) implements Event {}

    record Finished(Completion completion) implements Event {}

    record Failed(TrimtabException reason) implements Event {}
  }

  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  @Override
  public void started(ServedBy servedBy) {
    events.add(new Event.Started(servedBy));
  }

  @Override
  public void delta(String text, List<TokenLogprob> logprobs) {
    events.add(new Event.Text(text));
  }

  @Override
  public void finished(Completion completion) {
    events.add(new Event.Finished(completion));
  }

  @Override
  public void failed(TrimtabException reason) {
    events.add(new Event.Failed(reason));
  }

  /**
   * Waits for the answer's end, and hands out its text as it comes.
   *
   * @throws TrimtabException when the answer fails
   */
  Answer await(Consumer<String> text) throws InterruptedException {
    ServedBy servedBy = ServedBy.base("", "");
    while (true) {
      switch (events.take()) {
        case Event.Started started -> servedBy = started.servedBy();
        case Event.Text delta -> text.accept(delta.text());
        case Event.Finished finished -> {
          return new Answer(servedBy, finished.completion());
        }
        case Event.Failed failed -> throw failed.reason();
      }
    }
  }
}
