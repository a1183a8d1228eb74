package io.trimtab.engine.scheduling;

import io.trimtab.engine.sampling.LogitsRow;
import java.util.List;

/**
 * Runs the language model over sequences that hold slots. Owns the key-value cache and every
 * tensor; knows nothing of queues. One thread, the step loop's, except for {@link #close}, which
 * comes after it.
 */
public interface ModelExecutor extends AutoCloseable {
  /** Slots of the key-value cache: most sequences at a time. */
  int slots();

  /** Longest sequence, in tokens. */
  int sequenceTokensMax();

  /** Most rows of logits in one run of {@link #prefill}. */
  int prefillRowsMax();

  /** Tokens of one sequence that there is room for now. */
  int reserved();

  /** Makes room for sequences of that length; what the cache holds for the seated ones stays. */
  void reserve(int tokens, SlotTable table);

  /**
   * Makes room for the delta of a sequence that has just got a slot, beside those of the others.
   * Memory that runs out is this sequence's failure; the others are served as before.
   */
  void admit(Sequence sequence, SlotTable table);

  /** Leading tokens of a waiting sequence whose keys and values are kept from an earlier prompt. */
  int knownPrefix(Sequence sequence);

  /** Copies that many known tokens into the sequence's slot; there must be room for them. */
  void restorePrefix(Sequence sequence, int tokens);

  /** Keeps the keys and values of a prompt that has run, for later ones that begin as it does. */
  void keepPrefix(Sequence sequence);

  /** Copies a sequence's cached keys and values from one slot to another. */
  void move(Sequence sequence, int from, int to);

  /**
   * Runs the next {@code count} pending tokens of one sequence.
   *
   * @param firstRow first of these tokens whose logits are wanted, counted from the run's first
   *     token
   * @param rows number of consecutive tokens whose logits are wanted, 0 to {@link #prefillRowsMax}
   * @return the wanted rows, good until the next run
   */
  LogitsRow prefill(
      Sequence sequence, int count, int firstRow, int rows, LogitsRow.Coverage coverage);

  /**
   * Runs the one pending token of each sequence; the n-th sits in slot n.
   *
   * @return a row of logits for each, good until the next run
   */
  LogitsRow decode(List<Sequence> sequences, LogitsRow.Coverage coverage);

  /** Nanoseconds spent inside ONNX Runtime's run call so far. */
  long runNanos();

  @Override
  void close();
}
