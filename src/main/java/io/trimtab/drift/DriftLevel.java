package io.trimtab.drift;

/** How sure it is that a revision has left its envelope. In rising order. */
public enum DriftLevel {
  /** Nothing is known against it. */
  STABLE,
  /** Something may be wrong; nothing is done upon it alone. */
  WARNING,
  /** It has left its envelope, but for one false alarm in the stated average run length. */
  DRIFT
}
