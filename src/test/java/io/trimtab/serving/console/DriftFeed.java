package io.trimtab.serving.console;

import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.QuestionWords;
import io.trimtab.drift.Served;
import io.trimtab.drift.Shift;
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

  /** With this mass on number tokens, where base has none. */
  void answered(Served served, int count, double numbers) {
    for (int i = 0; i < count; i++) {
      double[] values = new double[size];
      double[] tuned = new double[size];
      values[0] = numbers;
      tuned[0] = numbers;
      tuned[1] = numbers;
      watch.observe(served, new Shift(values, new double[size], tuned, 3), WORDS, ++questions);
    }
  }
}
