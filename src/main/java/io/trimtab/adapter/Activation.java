package io.trimtab.adapter;

import io.trimtab.error.TrimtabException;

/**
 * What is to be served by an adapter's name, as ordered.
 *
 * @param revision 0 for base
 * @param canaryPercent share of the requests; 0 or 100: all, at once
 * @param reason a person's or the governor's words; may be empty unless forced
 * @param ifVersion 0, or the version that the adapter must be at
 */
public record Activation(
    int revision, int canaryPercent, Force force, String reason, long ifVersion) {
  /** Whether a revision that is served to nobody is activated all the same. */
  public enum Force {
    RESPECTING_STATE,
    FORCED
  }

  public Activation {
    if (revision < 0) {
      throw TrimtabException.invalid(
          "The revision is %d, expected 0 (base) or above".formatted(revision));
    }
    if (canaryPercent < 0 || canaryPercent > 100) {
      throw TrimtabException.invalid(
          "canary_percent is %d, expected 0 to 100".formatted(canaryPercent));
    }
    if (revision == 0 && canaryPercent % 100 != 0) {
      throw TrimtabException.invalid(
          "canary_percent is %d for revision 0, expected 0 or 100: base is no canary"
              .formatted(canaryPercent));
    }
    FreeText.check("reason", reason);
    if (force == Force.FORCED && reason.isBlank()) {
      throw TrimtabException.invalid("Forced without a reason, expected one");
    }
  }

  /** For all requests, whatever the version, and only if its state lets it be served. */
  public static Activation of(int revision) {
    return new Activation(revision, 100, Force.RESPECTING_STATE, "", 0);
  }

  /** Whether it is for all requests. */
  boolean whole() {
    return canaryPercent % 100 == 0;
  }
}
