package io.trimtab.adaptation.feedback;

import io.trimtab.error.TrimtabException;
import java.time.Duration;

/**
 * How long and how many predictions are kept.
 *
 * @param retention since they were made, above 0 and at most 2^31 - 1 s
 * @param bytesMax of texts and pictures together, a picture counted with every prediction that
 *     shows it, 1 to 2^60; beyond, the oldest go first
 */
public record PredictionLimits(Duration retention, long bytesMax) {
  /** Added to any time that an id may tell, it is a time. */
  private static final Duration RETENTION_HIGHEST = Duration.ofSeconds(Integer.MAX_VALUE);

  /** Twice as much is still a number. */
  private static final long BYTES_HIGHEST = 1L << 60;

  public PredictionLimits {
    require(
        retention.isPositive() && retention.compareTo(RETENTION_HIGHEST) <= 0,
        "retain-seconds",
        retention.toSeconds(),
        "1 to " + RETENTION_HIGHEST.toSeconds());
    require(
        bytesMax >= 1 && bytesMax <= BYTES_HIGHEST,
        "retain-bytes-max",
        bytesMax,
        "1 to " + BYTES_HIGHEST);
  }

  /** A day, 1 GiB. */
  public static PredictionLimits defaults() {
    return new PredictionLimits(Duration.ofDays(1), 1L << 30);
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.feedback.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
