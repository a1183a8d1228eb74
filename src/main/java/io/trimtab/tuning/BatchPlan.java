package io.trimtab.tuning;

import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.TrainingSequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Which sequences an update sees: a function of the seed and the step alone, so that training that
 * was killed goes on with the batches that it would have had. Examples and rehearsal items are each
 * gone through in an order that is drawn anew for every epoch. One thread.
 */
final class BatchPlan {
  /** Keeps the two orders apart where both have the same length. */
  private static final long REHEARSAL_STREAM = 0x5eed_f01dL;

  private final Epochs training;
  private final Epochs rehearsal;
  private final int trainingCount;
  private final int rehearsalCount;

  /** The sequences of one update, the longest first: what runs together is of like length. */
  record PlannedBatch(List<TrainingSequence> training, List<TrainingSequence> rehearsal) {
    int tokens() {
      return tokens(training) + tokens(rehearsal);
    }

    private static int tokens(List<TrainingSequence> sequences) {
      return sequences.stream().mapToInt(sequence -> sequence.tokens().length).sum();
    }
  }

  /**
   * Plans the batches.
   *
   * @param share of a batch that is rehearsal, where there is any
   */
  BatchPlan(
      List<TrainingSequence> training,
      List<TrainingSequence> rehearsal,
      int batchSize,
      double share,
      long seed) {
    if (training.isEmpty()) {
      throw TrimtabException.invalid("There is no sequence to train on");
    }
    this.training = new Epochs(training, seed);
    this.rehearsal = new Epochs(rehearsal, seed ^ REHEARSAL_STREAM);
    int examples = (int) Math.max(1, Math.round((1 - share) * batchSize));
    this.trainingCount = rehearsal.isEmpty() ? batchSize : examples;
    this.rehearsalCount = batchSize - trainingCount;
  }

  /** The batch of a step, from 0. */
  PlannedBatch at(int step) {
    return new PlannedBatch(
        training.take(step, trainingCount), rehearsal.take(step, rehearsalCount));
  }

  /** A list gone through again and again, each time in another order. */
  private static final class Epochs {
    private final List<TrainingSequence> sequences;
    private final long seed;
    private List<TrainingSequence> order = List.of();
    private long orderedEpoch = -1;

    Epochs(List<TrainingSequence> sequences, long seed) {
      this.sequences = sequences;
      this.seed = seed;
    }

    List<TrainingSequence> take(int step, int count) {
      List<TrainingSequence> taken = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        long position = (long) step * count + i;
        order(position / sequences.size());
        taken.add(order.get((int) (position % sequences.size())));
      }
      taken.sort((one, other) -> other.tokens().length - one.tokens().length);
      return taken;
    }

    private void order(long epoch) {
      if (epoch == orderedEpoch) {
        return;
      }
      List<TrainingSequence> shuffled = new ArrayList<>(sequences);
      // Near seeds give near Randoms; the other generator spreads them.
      long spread = new SplittableRandom(seed).nextLong() + epoch;
      Collections.shuffle(shuffled, new Random(new SplittableRandom(spread).nextLong()));
      order = shuffled;
      orderedEpoch = epoch;
    }
  }
}
