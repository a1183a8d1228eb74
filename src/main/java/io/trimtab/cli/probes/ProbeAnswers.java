package io.trimtab.cli.probes;

import io.trimtab.adaptation.probes.ProbeLine;
import io.trimtab.cli.ask.Asker;
import io.trimtab.cli.ask.Conversation;
import io.trimtab.cli.terminal.CountProgress;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Asks every question about every picture, several at once, since the engine batches them. */
record ProbeAnswers(Asker asker) {
  private static final int AT_ONCE = 8;

  /**
   * The answers as lines, picture by picture. An answer of no words is left out, and so is one that
   * was cut, which base would be wrong by whenever it may say more: agreement is the standard then.
   *
   * @throws TrimtabException for the first question that fails, with the picture's name
   */
  List<ProbeLine> lines(ProbeSources sources) throws InterruptedException {
    ExecutorService asking = Executors.newFixedThreadPool(AT_ONCE);
    try (CountProgress progress =
        CountProgress.of("Asking base", sources.pictures().size() * sources.questions().size())) {
      List<Future<ProbeLine>> answers = new ArrayList<>();
      for (Map.Entry<String, Picture> picture : sources.pictures().entrySet()) {
        for (String question : sources.questions()) {
          answers.add(
              asking.submit(
                  () -> {
                    ProbeLine line = line(picture, question, sources.task(question));
                    progress.step();
                    return line;
                  }));
        }
      }
      List<ProbeLine> lines = new ArrayList<>(answers.size());
      for (Future<ProbeLine> answer : answers) {
        lines.add(answer.get());
      }
      return lines;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof TrimtabException refusal
          ? refusal
          : new IllegalStateException("A question could not be asked", e.getCause());
    } finally {
      // Interrupts those that are being asked, and drops the rest.
      asking.shutdownNow();
      asking.close();
    }
  }

  private ProbeLine line(Map.Entry<String, Picture> picture, String question, String task)
      throws InterruptedException {
    Conversation conversation = new Conversation(null);
    conversation.picture(picture.getValue());
    List<ChatMessage> messages = conversation.asking(question);
    try {
      Completion answer = asker.ask(messages, _ -> {}).completion();
      return new ProbeLine(
          task,
          picture.getKey(),
          question,
          Optional.of(answer.text().strip())
              .filter(text -> !text.isBlank() && answer.reason() != FinishReason.LENGTH),
          Optional.empty());
    } catch (TrimtabException e) {
      throw new TrimtabException(e.code(), "%s: %s".formatted(picture.getKey(), e.getMessage()), e);
    }
  }
}
