package io.trimtab.engine.scheduling;

import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.error.TrimtabException;

/**
 * What is done with the logits of a sequence. Told by the step loop, on its thread; whoever listens
 * behind it must not block and must not throw.
 */
public interface Task {
  /** What happens to a sequence after a row of logits. */
  enum Outcome {
    CONTINUES,
    ENDED
  }

  /** How much of each row of logits this task reads. */
  LogitsRow.Coverage needs();

  /** First position of the sequence whose logits are wanted. */
  int firstLogitsPosition();

  /** One past the last position whose logits are wanted before any token is generated. */
  int endLogitsPosition();

  /**
   * Leading tokens of the prompt whose keys and values are kept for prompts that begin alike; all
   * of them, unless a task knows better.
   */
  default int keptPromptTokens() {
    return Integer.MAX_VALUE;
  }

  /**
   * The sequence has a slot; what serves it is fixed from here on.
   *
   * @param cachedPromptTokens leading tokens of the prompt that need not run
   */
  void admitted(int cachedPromptTokens);

  /** Logits of the position that comes next, in order. */
  Outcome accept(Sequence sequence, LogitsRow row);

  /** The request ends early for that reason. */
  void stopped(TrimtabException reason);
}
