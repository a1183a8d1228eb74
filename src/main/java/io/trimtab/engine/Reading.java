package io.trimtab.engine;

import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.engine.scheduling.Task;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Prompt;
import java.util.concurrent.CompletableFuture;

/** An answer on its way through the model that reads it. */
final class Reading implements Task {
  private final CompletableFuture<AnswerReading> result;
  private final Prompt prompt;
  private final int length;
  private final ReadingBuffer buffer;
  private int read;

  /**
   * @param prompt what was answered
   * @param length prompt and answer
   */
  Reading(CompletableFuture<AnswerReading> result, Prompt prompt, int length) {
    this.result = result;
    this.prompt = prompt;
    this.length = length;
    this.buffer = new ReadingBuffer(length - prompt.length());
  }

  @Override
  public LogitsRow.Coverage needs() {
    return LogitsRow.Coverage.BEST;
  }

  /** The logits at a position are about the token that follows it. */
  @Override
  public int firstLogitsPosition() {
    return prompt.length() - 1;
  }

  @Override
  public int endLogitsPosition() {
    return length - 1;
  }

  /** What stands before the first picture: a tenant's other conversations begin so too. */
  @Override
  public int keptPromptTokens() {
    return prompt.images().stream()
        .mapToInt(Prompt.ImageSpan::start)
        .min()
        .orElseGet(prompt::length);
  }

  @Override
  public void admitted(int cachedPromptTokens) {}

  @Override
  public Outcome accept(Sequence sequence, LogitsRow row) {
    if (!Float.isFinite(row.logsumexp())) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION, "The model computes no numbers for token " + read);
    }
    buffer.read(sequence.token(prompt.length() + read), row);
    read++;
    if (prompt.length() + read < length) {
      return Outcome.CONTINUES;
    }
    result.complete(buffer.reading(prompt));
    return Outcome.ENDED;
  }

  @Override
  public void stopped(TrimtabException reason) {
    result.completeExceptionally(reason);
  }
}
