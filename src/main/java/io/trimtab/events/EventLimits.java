package io.trimtab.events;

import io.trimtab.error.TrimtabException;
import java.time.Duration;

/**
 * Bounds of what goes through Kafka.
 *
 * @param recordBytesMax largest value of a record that is written, and that is read as feedback; 1
 *     KiB to 100 MiB. Topics made here take a little more
 * @param pollRecordsMax records that are taken from the broker at a time
 * @param inlinePictureBytes larger pictures of feedback go to the store and travel by digest
 * @param inFlightBytesMax of records that wait for the broker's acknowledgement, at most 2^60; more
 *     is refused
 * @param noticesMax adapters whose latest notice waits for the broker
 * @param appendTimeout after this a record that is not acknowledged has failed; 100 ms and above
 * @param retryPauseMin before what failed is tried again; doubles with each failure
 * @param retryPauseMax the longest such pause
 */
public record EventLimits(
    int recordBytesMax,
    int pollRecordsMax,
    int inlinePictureBytes,
    long inFlightBytesMax,
    int noticesMax,
    Duration appendTimeout,
    Duration retryPauseMin,
    Duration retryPauseMax) {
  private static final int RECORD_BYTES_LOWEST = 1 << 10;
  private static final int RECORD_BYTES_HIGHEST = 100 << 20;

  /** Kafka's buffer is more than twice as large, and that is still a number. */
  private static final long IN_FLIGHT_BYTES_HIGHEST = 1L << 60;

  /** A value of this size fits, with its headers, the limit that Kafka's topics have by default. */
  private static final int RECORD_BYTES_DEFAULT = 1_000_000;

  public EventLimits {
    require(
        recordBytesMax >= RECORD_BYTES_LOWEST && recordBytesMax <= RECORD_BYTES_HIGHEST,
        "record-bytes-max",
        recordBytesMax,
        "1 KiB to 100 MiB");
    require(pollRecordsMax >= 1, "poll-records-max", pollRecordsMax, "1 and above");
    require(inlinePictureBytes >= 0, "inline-picture-bytes", inlinePictureBytes, "0 and above");
    require(
        inFlightBytesMax >= recordBytesMax && inFlightBytesMax <= IN_FLIGHT_BYTES_HIGHEST,
        "in-flight-bytes-max",
        inFlightBytesMax,
        "record-bytes-max to " + IN_FLIGHT_BYTES_HIGHEST);
    require(noticesMax >= 1, "notices-max", noticesMax, "1 and above");
    require(
        appendTimeout.toMillis() >= 100 && appendTimeout.toDays() < 1,
        "append-seconds",
        appendTimeout.toMillis() / 1000.0,
        "0.1 to a day");
    require(retryPauseMin.toMillis() >= 1, "retry-pause-min", retryPauseMin, "1 ms and above");
    require(
        retryPauseMax.compareTo(retryPauseMin) >= 0 && retryPauseMax.toDays() < 1,
        "retry-pause-max",
        retryPauseMax,
        "retry-pause-min to a day");
  }

  /** 1 MB, 500 records, 256 KiB, 32 MiB, 10,000 adapters, 5 s, 200 ms to 30 s. */
  public static EventLimits defaults() {
    return of(RECORD_BYTES_DEFAULT, 32L << 20, Duration.ofSeconds(5));
  }

  /** The others as by default. */
  public static EventLimits of(int recordBytesMax, long inFlightBytesMax, Duration appendTimeout) {
    return new EventLimits(
        recordBytesMax,
        500,
        256 << 10,
        inFlightBytesMax,
        10_000,
        appendTimeout,
        Duration.ofMillis(200),
        Duration.ofSeconds(30));
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.kafka.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
