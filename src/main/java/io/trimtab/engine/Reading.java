package io.trimtab.engine;

import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.engine.scheduling.Task;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.concurrent.CompletableFuture;

/** An answer on its way through the model that reads it. */
final class Reading implements Task {
  private final CompletableFuture<AnswerReading> result;
  private final int promptTokens;
  private final int length;
  private final ReadingBuffer buffer;
  private int read;

  /**
   * @param promptTokens tokens before the answer
   * @param length prompt and answer
   */
  Reading(CompletableFuture<AnswerReading> result, int promptTokens, int length) {
    this.result = result;
    this.promptTokens = promptTokens;
    this.length = length;
    this.buffer = new ReadingBuffer(length - promptTokens);
  }

  @Override
  public LogitsRow.Coverage needs() {
    return LogitsRow.Coverage.BEST;
  }

  /** The logits at a position are about the token that follows it. */
  @Override
  public int firstLogitsPosition() {
    return promptTokens - 1;
  }

  @Override
  public int endLogitsPosition() {
    return length - 1;
  }

  @Override
  public void admitted(int cachedPromptTokens) {}

  @Override
  public Outcome accept(Sequence sequence, LogitsRow row) {
    if (!Float.isFinite(row.logsumexp())) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION, "The model computes no numbers for token " + read);
    }
    buffer.read(sequence.token(promptTokens + read), row);
    read++;
    if (promptTokens + read < length) {
      return Outcome.CONTINUES;
    }
    result.complete(buffer.reading());
    return Outcome.ENDED;
  }

  @Override
  public void stopped(TrimtabException reason) {
    result.completeExceptionally(reason);
  }
}
