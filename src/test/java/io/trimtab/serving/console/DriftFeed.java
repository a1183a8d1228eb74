package io.trimtab.serving.console;

import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.QuestionWords;
import io.trimtab.drift.Served;
import io.trimtab.drift.Shift;
import java.util.Arrays;
import java.util.Set;

/** Feeds a drift watch answers of three tokens, each to another question. */
final class DriftFeed {
  private static final QuestionWords WORDS = new QuestionWords(Set.of(7L));

  private final DriftWatch watch;
  private final int size;
  private long questions;

  DriftFeed(DriftWatch watch, Quantities quantities) {
    this.watch = watch;
    this.size = quantities.all().size();
  }

  /**
   * With these values of the first quantities, where base has none of them; of number tokens the
   * first two, more and less.
   */
  void answered(Served served, int count, double... first) {
    for (int i = 0; i < count; i++) {
      double[] values = Arrays.copyOf(first, size);
      watch.observe(served, new Shift(values, new double[size], values, 3), WORDS, ++questions);
    }
  }
}
