package io.trimtab.serving.http;

import java.time.Duration;
import java.util.Optional;

/** How long a body may take: from one piece to the next, and in all. Times are in nanoseconds. */
final class BodyPace {
  static final Duration STALL_MAX = Duration.ofSeconds(30);
  static final Duration WHOLE_MAX = Duration.ofMinutes(5);

  private final long begunNanos;
  private long arrivedNanos;

  BodyPace(long nowNanos) {
    this.begunNanos = nowNanos;
    this.arrivedNanos = nowNanos;
  }

  /** Something of the body came. */
  void arrived(long nowNanos) {
    arrivedNanos = nowNanos;
  }

  /** Why the body is waited for no longer; empty while it is. */
  Optional<BodyStalled> late(long nowNanos) {
    if (nowNanos - arrivedNanos > STALL_MAX.toNanos()) {
      return Optional.of(
          new BodyStalled("Nothing of the body came for %d s".formatted(STALL_MAX.toSeconds())));
    }
    if (nowNanos - begunNanos > WHOLE_MAX.toNanos()) {
      return Optional.of(
          new BodyStalled(
              "The body is not whole, expected it within %d s".formatted(WHOLE_MAX.toSeconds())));
    }
    return Optional.empty();
  }
}
