package io.trimtab.adaptation.gate;

import io.trimtab.drift.ClassMasses;
import java.util.List;

/** Envelopes for tests that keep them and do not look inside. */
public final class SeenEnvelopes {
  private SeenEnvelopes() {}

  /** One that differs from others by its number. */
  public static Envelope numbered(int number) {
    ClassMasses tuned = new ClassMasses(1 / (3.0 + number), 0.1, 0.01, 0.25);
    return Envelope.of(
        1,
        new Evidence(
            List.of(
                SeenEvidence.outcome("v", "new", "wren", "bird", "wren", SeenEvidence.NONE, tuned)),
            List.of(
                SeenEvidence.outcome("p", "color", "red", "red", "red", SeenEvidence.NONE, tuned),
                SeenEvidence.outcome("q", "count", "3", "2", "yes", tuned, SeenEvidence.NONE)),
            List.of()));
  }
}
