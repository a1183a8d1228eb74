package io.trimtab.study.report;

import io.trimtab.study.plan.StageRecord;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Whether held-out accuracy that a stage lost comes back, in part, when the next skill is tuned.
 */
final class Recovery {
  private Recovery() {}

  /**
   * Steps from one stage to the next.
   *
   * @param steps where the stage before had lost more than {@link #LOST} points
   * @param risen those of them after which the accuracy was higher, whatever the chance
   * @param surely those where that is no chance, at 95 % over all steps together
   */
  record Counts(int steps, int risen, int surely) {}

  /** Below this there is nothing to come back. */
  static final double LOST = 5;

  /** Two-sided 5 % over that many comparisons (Bonferroni). */
  private static final double LEVEL = 0.05;

  static Counts of(List<Sequence> sequences) {
    List<int[]> changes =
        sequences.stream().flatMap(sequence -> changes(sequence).stream()).toList();
    int risen = 0;
    int surely = 0;
    for (int[] change : changes) {
      if (change[0] > change[1]) {
        risen++;
        surely += signTest(change[0], change[1]) < LEVEL / changes.size() ? 1 : 0;
      }
    }
    return new Counts(changes.size(), risen, surely);
  }

  /** Questions gained and lost, for each step. */
  private static List<int[]> changes(Sequence sequence) {
    List<StageRecord> stages = sequence.stages();
    return IntStream.range(1, stages.size())
        .filter(i -> stages.get(i - 1).heldOutLoss() > LOST && stages.get(i).taken())
        .mapToObj(i -> change(stages.get(i - 1), stages.get(i)))
        .toList();
  }

  private static int[] change(StageRecord before, StageRecord after) {
    String one = before.allHeldOut().tuned();
    String other = after.allHeldOut().tuned();
    int[] change = new int[2];
    for (int i = 0; i < one.length(); i++) {
      if (other.charAt(i) != one.charAt(i)) {
        change[other.charAt(i) == '1' ? 0 : 1]++;
      }
    }
    return change;
  }

  /** McNemar's exact test, two-sided: the chance of so uneven a split, or a more uneven one. */
  static double signTest(int gained, int lost) {
    int count = gained + lost;
    double tail = 0;
    double logHalf = count * Math.log(0.5);
    double logChoose = 0;
    for (int k = 0; k <= Math.min(gained, lost); k++) {
      tail += Math.exp(logChoose + logHalf);
      logChoose += Math.log(count - k) - Math.log(k + 1.0);
    }
    return Math.min(1, 2 * tail);
  }
}
