package io.trimtab.drift;

import io.trimtab.error.TrimtabException;

/**
 * How live answers are watched.
 *
 * @param share of finished live requests that base reads as well, 0 to 1; 0 watches nothing
 * @param tokensMax most tokens of an answer that are read, 1 to 4096
 * @param pendingMax most answers that wait to be read by base; more are left out, and counted
 * @param averageRunLength answers read, of one revision, to its first false alarm, on average at
 *     least: 100 to 1e9
 * @param warmUp answers read of a revision before it may alarm, 1 and above
 * @param watchedMax most revisions that are watched at a time; the one seen longest ago yields
 */
public record WatchSettings(
    double share,
    int tokensMax,
    int pendingMax,
    double averageRunLength,
    int warmUp,
    int watchedMax) {
  public WatchSettings {
    require(share >= 0 && share <= 1, "share", "0 to 1", share);
    require(tokensMax >= 1 && tokensMax <= 4096, "tokens-max", "1 to 4096", tokensMax);
    require(pendingMax >= 1, "pending-max", "1 and above", pendingMax);
    require(
        averageRunLength >= 100 && averageRunLength <= 1e9,
        "average-run-length",
        "100 to 1e9",
        averageRunLength);
    require(warmUp >= 1, "warm-up", "1 and above", warmUp);
    require(watchedMax >= 1, "watched-max", "1 and above", watchedMax);
  }

  /** One false alarm in 20,000 answers read: at a share of 10 %, in 200,000 requests. */
  public static WatchSettings defaults() {
    return new WatchSettings(0.1, 256, 128, 20_000, 8, 16_384);
  }

  private static void require(boolean holds, String field, String expected, Object value) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.drift.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
