package io.trimtab.adapter;

/** Where a revision is in its life. */
public enum RevisionState {
  /** Complete and valid, not served by name. */
  STAGED,
  /** Served for a share of the requests. */
  CANARY,
  /** Served by name. */
  ACTIVE,
  /** Was active once; a rollback can bring it back. */
  RETIRED,
  /** The gate refused it. */
  REJECTED,
  /** Drifted; served to nobody until a person acts. */
  QUARANTINED
}
