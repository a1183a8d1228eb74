package io.trimtab.adaptation.feedback;

import java.time.Duration;

/**
 * How long and how many predictions are kept.
 *
 * @param retention since they were made
 * @param bytesMax of texts and pictures together, a picture counted with every prediction that
 *     shows it; beyond, the oldest go first
 */
public record PredictionLimits(Duration retention, long bytesMax) {
  public PredictionLimits {
    if (!retention.isPositive() || bytesMax < 1) {
      throw new IllegalArgumentException(
          "Expected a retention and bytesMax above 0, got %s and %d"
              .formatted(retention, bytesMax));
    }
  }

  /** A day, 1 GiB. */
  public static PredictionLimits defaults() {
    return new PredictionLimits(Duration.ofDays(1), 1L << 30);
  }
}
