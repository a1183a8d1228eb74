package io.trimtab.study.report;

import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.report.Spearman.Pair;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How what a server can see without held-out data (KL on the new task's inputs, the counting bias)
 * goes with the held-out accuracy that is lost, stage by stage.
 */
final class Signals {
  private final List<Sequence> sequences;

  Signals(List<Sequence> sequences) {
    this.sequences = List.copyOf(sequences);
  }

  /** Something that is seen of a stage. */
  enum Signal {
    KL("KL on the new task's inputs", StageRecord::kl),
    BIAS_MEAN("counting bias, mean over steps", record -> record.biasAtEnd().mean()),
    BIAS_MAX("counting bias, largest step", record -> record.biasAtEnd().max()),
    LOSS("held-out points lost", StageRecord::heldOutLoss);

    private final String text;
    private final ToDoubleFunction<StageRecord> of;

    Signal(String text, ToDoubleFunction<StageRecord> of) {
      this.text = text;
      this.of = of;
    }

    double of(StageRecord record) {
      return of.applyAsDouble(record);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** Stages whose delta was taken: of others, what was measured is not what was trained. */
  List<StageRecord> stages() {
    return sequences.stream()
        .flatMap(sequence -> sequence.stages().stream())
        .filter(StageRecord::taken)
        .toList();
  }

  Estimate correlation(Signal one, Signal other) {
    return Spearman.of(
        sequences.stream()
            .map(
                sequence ->
                    sequence.stages().stream()
                        .filter(StageRecord::taken)
                        .map(record -> new Pair(one.of(record), other.of(record)))
                        .toList())
            .toList());
  }

  /**
   * How a limit of a signal sorts the stages.
   *
   * @param above stages over the limit
   * @param aboveLost those of them that lost more than was allowed
   * @param below the other stages
   * @param belowLost those of them that lost more than was allowed
   */
  record Sorting(double limit, int above, int aboveLost, int below, int belowLost) {
    /**
     * Youden's J (1950): the share of losing stages that are over the limit, less that of the
     * others; 1 is perfect, 0 is chance, NaN where there is only one kind of stage.
     */
    double youden() {
      int lost = aboveLost + belowLost;
      int kept = above + below - lost;
      return lost == 0 || kept == 0
          ? Double.NaN
          : (double) aboveLost / lost - (double) (above - aboveLost) / kept;
    }
  }

  /**
   * @param allowed held-out points that may be lost
   */
  Sorting sorting(Signal signal, double limit, double allowed) {
    int above = 0;
    int aboveLost = 0;
    int below = 0;
    int belowLost = 0;
    for (StageRecord record : stages()) {
      int lost = record.heldOutLoss() > allowed ? 1 : 0;
      // What is no number is over any limit.
      if (signal.of(record) <= limit) {
        below++;
        belowLost += lost;
      } else {
        above++;
        aboveLost += lost;
      }
    }
    return new Sorting(limit, above, aboveLost, below, belowLost);
  }

  /** By the limit that sorts best, of those between two neighbouring stages. */
  Sorting best(Signal signal, double allowed) {
    double[] values =
        stages().stream()
            .mapToDouble(signal::of)
            .filter(Double::isFinite)
            .distinct()
            .sorted()
            .toArray();
    Sorting best = sorting(signal, Double.POSITIVE_INFINITY, allowed);
    for (int i = 0; i + 1 < values.length; i++) {
      Sorting next = sorting(signal, (values[i] + values[i + 1]) / 2, allowed);
      if (!(next.youden() <= best.youden())) {
        best = next;
      }
    }
    return best;
  }
}
