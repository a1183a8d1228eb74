package io.trimtab.drift;

import io.trimtab.drift.SeenShifts.Use;
import java.util.Arrays;
import java.util.Map;

/**
 * What the gate heard of one task's questions: in how many of them each word stands. Equal where
 * the same was heard, so that revisions that were kept from forgetting the same may share it
 * ({@link SharedWords}). Immutable.
 */
final class TaskWords {
  private final Use use;
  private final int answers;

  /** Ascending. */
  private final long[] words;

  /** By word. */
  private final int[] heard;

  private TaskWords(Use use, int answers, long[] words, int[] heard) {
    this.use = use;
    this.answers = answers;
    this.words = words;
    this.heard = heard;
  }

  /**
   * Those of what was seen.
   *
   * @throws NumberFormatException for a word that is no hash in hex
   */
  static TaskWords of(SeenShifts seen) {
    Map<String, Integer> counts = seen.words();
    long[] words = counts.keySet().stream().mapToLong(TaskWords::hash).sorted().toArray();
    int[] heard = new int[words.length];
    counts.forEach((word, count) -> heard[Arrays.binarySearch(words, hash(word))] = count);
    return new TaskWords(seen.use(), seen.answers(), words, heard);
  }

  private static long hash(String word) {
    return Long.parseUnsignedLong(word, 16);
  }

  Use use() {
    return use;
  }

  /** Measured at the gate. */
  int answers() {
    return answers;
  }

  /** In how many questions a word stands. */
  int heard(long word) {
    int at = Arrays.binarySearch(words, word);
    return at < 0 ? 0 : heard[at];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TaskWords task
        && use == task.use
        && answers == task.answers
        && Arrays.equals(words, task.words)
        && Arrays.equals(heard, task.heard);
  }

  @Override
  public int hashCode() {
    // Not the enum's own, which is another one in each process.
    return 31 * (31 * answers + Arrays.hashCode(words)) + Arrays.hashCode(heard);
  }
}
