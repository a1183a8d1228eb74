package io.trimtab.engine.scheduling;

import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A task that takes the best token of each row until it has enough. */
final class EchoTask implements Task {
  private final int promptTokens;
  private final int answerTokens;
  private final List<Integer> answer = new ArrayList<>();
  private final CompletableFuture<List<Integer>> ended = new CompletableFuture<>();
  Runnable onAdmitted = () -> {};
  Runnable onAccept = () -> {};

  EchoTask(int promptTokens, int answerTokens) {
    this.promptTokens = promptTokens;
    this.answerTokens = answerTokens;
  }

  /** The whole answer, waited for. */
  List<Integer> answer() {
    try {
      return ended.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("The request failed", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("No end within 60 s", e);
    }
  }

  /** Why it ended early, waited for. */
  TrimtabException failure() {
    try {
      throw new AssertionError("An answer came: " + ended.get(60, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TrimtabException refusal) {
        return refusal;
      }
      throw new AssertionError("Not a refusal", e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("No end within 60 s", e);
    }
  }

  /** Whether an answer came and not a failure, waited for. */
  boolean answered() {
    try {
      ended.get(60, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      return false;
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("No end within 60 s", e);
    }
  }

  boolean hasEnded() {
    return ended.isDone();
  }

  @Override
  public LogitsRow.Coverage needs() {
    return LogitsRow.Coverage.BEST;
  }

  @Override
  public int firstLogitsPosition() {
    return promptTokens - 1;
  }

  @Override
  public int endLogitsPosition() {
    return promptTokens;
  }

  @Override
  public void admitted(int cachedPromptTokens) {
    onAdmitted.run();
  }

  @Override
  public Outcome accept(Sequence sequence, LogitsRow row) {
    onAccept.run();
    answer.add(row.bestId(0));
    if (answer.size() == answerTokens) {
      ended.complete(List.copyOf(answer));
      return Outcome.ENDED;
    }
    sequence.append(row.bestId(0));
    return Outcome.CONTINUES;
  }

  @Override
  public void stopped(TrimtabException reason) {
    if (!ended.completeExceptionally(reason)) {
      throw new AssertionError("Ended twice", reason);
    }
  }
}
