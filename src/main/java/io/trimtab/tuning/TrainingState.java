package io.trimtab.tuning;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.trimtab.tuning.job.TuningListener.Validation;
import org.jspecify.annotations.Nullable;

/**
 * Where training stands, beside the model's own parameters and moments.
 *
 * @param step updates done
 * @param best the validation with the lowest loss; null before the first
 * @param stale validations since then
 * @param notFinite updates in a row, up to now, whose loss or norm was not finite
 * @param seconds of work
 * @param pausedSeconds waited
 * @param peakBytes resident at most, in any of the processes that trained
 */
record TrainingState(
    int step,
    @JsonSetter(nulls = Nulls.SET) @Nullable Best best,
    int stale,
    int notFinite,
    double seconds,
    double pausedSeconds,
    long peakBytes) {
  static final TrainingState START = new TrainingState(0, null, 0, 0, 0, 0, 0);

  /** The best validation so far. */
  record Best(int step, double loss) {}

  TrainingState updated(boolean finite) {
    int bad = finite ? 0 : notFinite + 1;
    return new TrainingState(step + 1, best, stale, bad, seconds, pausedSeconds, peakBytes);
  }

  /** Whether that would become the best; on a tie the earlier one stays, NaN is never better. */
  boolean isBettered(Validation validation) {
    return best == null ? Double.isFinite(validation.loss()) : validation.loss() < best.loss;
  }

  TrainingState validated(Validation by) {
    return isBettered(by) ? withBest(new Best(by.step(), by.loss()), 0) : withBest(best, stale + 1);
  }

  private TrainingState withBest(@Nullable Best best, int stale) {
    return new TrainingState(step, best, stale, notFinite, seconds, pausedSeconds, peakBytes);
  }

  TrainingState spent(double seconds, double pausedSeconds, long peakBytes) {
    return new TrainingState(
        step,
        best,
        stale,
        notFinite,
        this.seconds + seconds,
        this.pausedSeconds + pausedSeconds,
        Math.max(this.peakBytes, peakBytes));
  }
}
