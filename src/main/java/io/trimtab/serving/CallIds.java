package io.trimtab.serving;

import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The names of one call: the client's, and ours for what it yields.
 *
 * @param requestId the client's own, or one made here
 * @param predictionId made here; later ones sort behind earlier ones, by the millisecond
 */
public record CallIds(String requestId, String predictionId) {
  /** Takes the client's id, which may be empty, or refuses it. */
  public static CallIds of(String requestId) {
    return requestId.isEmpty() ? made() : made().named(requestId);
  }

  /** New ids for request and prediction. */
  public static CallIds made() {
    Instant now = Instant.now();
    return new CallIds(timeSorted(now), timeSorted(now));
  }

  /** The same under the client's own id for the request, or refuses that. */
  public CallIds named(String own) {
    return new CallIds(NameSyntax.requireRequestId(own), predictionId);
  }

  /** UUID version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then random. */
  public static String timeSorted(Instant time) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long version7 = 0x7000L;
    long variant = 0x8000000000000000L;
    long high = time.toEpochMilli() << 16 | version7 | random.nextLong(1L << 12);
    long low = variant | random.nextLong(1L << 62);
    return new UUID(high, low).toString();
  }
}
