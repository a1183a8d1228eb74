package io.trimtab.adaptation.governor;

/** What the governor does about a revision. */
public enum GovernorAction {
  /** Nothing: what was said has passed, or is about what is not served any more. */
  NONE("none"),
  /** It is said, and nothing is changed. */
  WARN("warn"),
  /** The revision is served at a lower scale, nearer to base. */
  DAMP("damp"),
  /** What was served before is served again. */
  ROLLBACK("rollback"),
  /** The same, and the revision is served to nobody until a person acts. */
  QUARANTINE("quarantine"),
  /** The adapter is tuned anew from its examples, with rehearsal. */
  RETRAIN("retrain"),
  /** A canary is served to all. */
  PROMOTE("promote"),
  /** A canary is served to nobody until a person acts. */
  WITHDRAW("withdraw");

  private final String wireName;

  GovernorAction(String wireName) {
    this.wireName = wireName;
  }

  /** As events and reports have it. */
  public String wireName() {
    return wireName;
  }

  /** Whether the adapter is another version afterwards. */
  boolean changes() {
    return switch (this) {
      case NONE, WARN, RETRAIN -> false;
      case DAMP, ROLLBACK, QUARANTINE, PROMOTE, WITHDRAW -> true;
    };
  }
}
