package io.trimtab.adaptation.governor;

import java.time.Duration;
import java.time.Instant;

/**
 * Why the latest try to probe a served revision says nothing about it.
 *
 * @param pause until the next try
 */
public record ProbeFailure(Instant time, String reason, Duration pause) {
  /** When the next try is due. */
  public Instant next() {
    return time.plus(pause);
  }
}
