package io.trimtab.adaptation.job;

/** Where a job is. */
public enum JobState {
  /** Waits for a tuner. */
  QUEUED,
  /** A tuner has it: the data are laid out, then trained on. */
  TRAINING,
  /** The candidate is there, and is being judged. */
  EVALUATING,
  /** The candidate passed; it is served. */
  PUBLISHED,
  /** The gate refused the candidate, which is kept as REJECTED. */
  REJECTED,
  FAILED,
  CANCELLED;

  /** Whether nothing more will happen. */
  public boolean ended() {
    return switch (this) {
      case QUEUED, TRAINING, EVALUATING -> false;
      case PUBLISHED, REJECTED, FAILED, CANCELLED -> true;
    };
  }
}
