package io.trimtab.engine.api;

/** Whose turn it is first. */
public enum Priority {
  /** Somebody waits for the answer. */
  INTERACTIVE,
  /**
   * Evaluation, shadow scoring, probes: gets a slot only while no interactive request waits, and
   * never more than half of them. It waits in a queue of its own: however many there are, no
   * interactive request is refused for them.
   */
  BACKGROUND
}
