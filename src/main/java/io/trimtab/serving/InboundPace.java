package io.trimtab.serving;

import java.time.Duration;
import java.util.Optional;

/**
 * How long what is on its way in may take: from one piece to the next, and in all. Times are in
 * nanoseconds.
 */
public final class InboundPace {
  static final Duration STALL_MAX = Duration.ofSeconds(30);
  static final Duration WHOLE_MAX = Duration.ofMinutes(5);

  private final String what;
  private long begunNanos;
  private long arrivedNanos;

  /**
   * Begins.
   *
   * @param what is on its way in, for messages: {@code body}
   */
  public InboundPace(String what, long nowNanos) {
    this.what = what;
    begin(nowNanos);
  }

  /** The next one begins. */
  public void begin(long nowNanos) {
    begunNanos = nowNanos;
    arrivedNanos = nowNanos;
  }

  /** Something of it came. */
  public void arrived(long nowNanos) {
    arrivedNanos = nowNanos;
  }

  /** Why it is waited for no longer; empty while it is. */
  public Optional<String> late(long nowNanos) {
    if (nowNanos - arrivedNanos > STALL_MAX.toNanos()) {
      return Optional.of("Nothing of the %s came for %d s".formatted(what, STALL_MAX.toSeconds()));
    }
    if (nowNanos - begunNanos > WHOLE_MAX.toNanos()) {
      return Optional.of(
          "The %s is not whole, expected it within %d s".formatted(what, WHOLE_MAX.toSeconds()));
    }
    return Optional.empty();
  }
}
