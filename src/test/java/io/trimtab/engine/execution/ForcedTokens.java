package io.trimtab.engine.execution;

import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.engine.scheduling.Task;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A task whose tokens are given, whatever the model says, and that keeps what it says: so runs can
 * be compared to the bit, and rows of no numbers stay in the batch.
 */
final class ForcedTokens implements Task {
  private static final int BESTS = 8;

  private final int promptTokens;
  private final int[] forced;
  private final List<float[]> rows = new ArrayList<>();
  private final CompletableFuture<List<float[]>> ended = new CompletableFuture<>();

  /** Called with the number of rows so far, on the loop's thread. */
  interface AtRow {
    void reached(int rows);
  }

  AtRow atRow = count -> {};

  ForcedTokens(int promptTokens, int[] forced) {
    this.promptTokens = promptTokens;
    this.forced = forced;
  }

  /** For each token the logsumexp and the best logits, once all are there. */
  List<float[]> rows() {
    try {
      return ended.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("The request failed", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("No end within 60 s", e);
    }
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
  public void admitted(int cachedPromptTokens) {}

  @Override
  public Outcome accept(Sequence sequence, LogitsRow row) {
    float[] kept = new float[1 + BESTS];
    kept[0] = row.logsumexp();
    for (int i = 0; i < BESTS; i++) {
      kept[1 + i] = row.bestLogit(i);
    }
    rows.add(kept);
    atRow.reached(rows.size());
    if (rows.size() > forced.length) {
      ended.complete(List.copyOf(rows));
      return Outcome.ENDED;
    }
    sequence.append(forced[rows.size() - 1]);
    return Outcome.CONTINUES;
  }

  @Override
  public void stopped(TrimtabException reason) {
    ended.completeExceptionally(reason);
  }
}
