package io.trimtab.load;

/** Durations counted by the millisecond, up to a minute; longer ones count as a minute. */
final class Durations {
  private static final int MILLIS_MAX = 60_000;

  private final long[] counts = new long[MILLIS_MAX + 1];
  private long count;

  void add(long millis) {
    counts[(int) Math.clamp(millis, 0L, MILLIS_MAX)]++;
    count++;
  }

  /**
   * The smallest duration that so large a share is not above.
   *
   * @param share above 0, up to 1
   * @return milliseconds; -1 where there are none
   */
  long quantile(double share) {
    long wanted = (long) Math.ceil(share * count);
    long seen = 0;
    for (int millis = 0; millis <= MILLIS_MAX && count > 0; millis++) {
      seen += counts[millis];
      if (seen >= wanted) {
        return millis;
      }
    }
    return -1;
  }
}
