package io.trimtab.engine.api;

/** A request that was taken in. */
public interface RequestHandle {
  /**
   * Ends the request at the next step boundary: a generation finishes as CANCELLED, a scoring fails
   * as CANCELLED. Without effect on one that has ended. Any thread.
   */
  void cancel();
}
