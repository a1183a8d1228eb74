package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version of a tuning job.
 *
 * @param id 32 hexadecimal digits
 * @param version from 1; one more with every change that is kept
 * @param number of the adapter's jobs, from 1
 * @param recipe its wire name
 * @param counts of the examples, by what they were for
 * @param progress as last heard of
 * @param newestExample when the newest example was received that the job knows of; of one that was
 *     cancelled before it looked, when that was
 * @param publishedRevision the revision made of the candidate, served or REJECTED; 0 for none yet
 * @param gate the gate's report; null before it has judged. With it the job is published or kept as
 *     REJECTED next, and is not cancelled any more
 * @param created after the last deletion of the adapter's name, though that was by a clock ahead
 * @param owner the process that has the job; empty while it is queued
 * @param leaseUntil when another process may take the job over; renewed while it runs
 * @param error why it FAILED, or was CANCELLED though nobody asked for it; else empty
 */
public record TuningJob(
    String id,
    AdapterId adapter,
    long version,
    long number,
    JobState state,
    String recipe,
    TriggerReason trigger,
    Counts counts,
    Progress progress,
    Instant newestExample,
    int publishedRevision,
    @Nullable GateReport gate,
    Instant created,
    Instant updated,
    String owner,
    Instant leaseUntil,
    String device,
    String error) {
  /** Examples by what they are for: to train on, to stop by, to judge by. */
  public record Counts(int training, int validation, int gate) {
    public static final Counts NONE = new Counts(0, 0, 0);

    public int all() {
      return training + validation + gate;
    }
  }

  /**
   * How far training is.
   *
   * @param step updates done, of at most {@code steps}
   * @param trainLoss nats a token
   * @param validationLoss nats a token; 0 before the first validation
   * @param validationExactMatch share of the validation's examples, 0 to 1
   */
  public record Progress(
      int step,
      int steps,
      double trainLoss,
      double validationLoss,
      double validationExactMatch,
      double tokensPerSecond) {
    public static final Progress NONE = new Progress(0, 0, 0, 0, 0, 0);
  }

  /** Whether the gate has spoken and the job is on its last step. */
  boolean judged() {
    return gate != null && !state.ended();
  }

  /** The same job, changed and not yet kept. */
  public JobChange draft() {
    return new JobChange(this);
  }
}
