package io.trimtab.tuning.job;

/** A job that is being trained. Any thread; no call blocks. */
public interface TuningRun {
  /** Holds before the next micro-batch, until {@link #resume}. */
  void pause();

  void resume();

  /** Whether it stands: it was paused, and the micro-batch that was under way is over. */
  boolean isHeld();

  /** Ends the job at the next micro-batch; the listener hears {@code failed} as CANCELLED. */
  void stop();
}
