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
  QUARANTINED;

  /** Whether requests may be served by a revision in this state. */
  public boolean servable() {
    return switch (this) {
      case STAGED, CANARY, ACTIVE, RETIRED -> true;
      case REJECTED, QUARANTINED -> false;
    };
  }
}
