package io.trimtab.tuning.job;

/** A job that is being trained. Any thread; no call blocks. */
public interface TuningRun {
  /** Holds before the next micro-batch, until {@link #resume}. */
  void pause();

  void resume();

  /** Ends the job at the next micro-batch; the listener hears {@code failed} as CANCELLED. */
  void stop();
}
