package io.trimtab.drift;

/**
 * Kinds of live questions that are watched each by itself: where a revision drifts on one of them,
 * the others do not hide it.
 */
public enum Stratum {
  /** Asked in the words of what the revision was tuned on. */
  TAUGHT,
  /** Asked in the words of what it is to be kept from forgetting. */
  KEPT,
  /** Asked in words that the gate has not heard. */
  OTHER
}
