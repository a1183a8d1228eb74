package io.trimtab.serving.metrics;

import org.jspecify.annotations.Nullable;

/**
 * One second of the server, of all tenants. Rates are of that second, latencies those of the
 * requests that ended within the last half minute; null where none did.
 *
 * @param time Unix milliseconds at the second's end
 * @param running requests that hold a slot
 * @param waiting requests that wait for one
 * @param generated tokens a second
 * @param prompt tokens a second that were run, and those taken from the prefix cache
 * @param ended requests a second, however they ended
 * @param failed requests a second that were refused or failed
 * @param firstToken seconds from arrival to the first token
 * @param outputToken seconds a token after the first
 * @param whole seconds from arrival to the end
 */
public record Figures(
    long time,
    int running,
    int waiting,
    double generated,
    double prompt,
    double ended,
    double failed,
    @Nullable Spread firstToken,
    @Nullable Spread outputToken,
    @Nullable Spread whole) {
  /** The median and the 95th percentile in seconds, as far as the histogram's bounds tell them. */
  public record Spread(double median, double high) {}
}
