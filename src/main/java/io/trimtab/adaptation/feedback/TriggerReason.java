package io.trimtab.adaptation.feedback;

import java.util.Locale;

/** Why an adapter is tuned. */
public enum TriggerReason {
  /** A person said so. */
  MANUAL,
  /** What is served has drifted. */
  DRIFT,
  /** Enough new examples, and then quiet. */
  EXAMPLES,
  /** The oldest new example has waited too long. */
  AGE;

  /** The name on the wire. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
