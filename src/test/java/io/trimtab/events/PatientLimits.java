package io.trimtab.events;

import java.time.Duration;

/** The limits by default, with more patience for a broker that shares its machine with tests. */
final class PatientLimits {
  private static final Duration APPEND_TIMEOUT = Duration.ofSeconds(60);

  private PatientLimits() {}

  static EventLimits get() {
    return appendingWithin(APPEND_TIMEOUT);
  }

  static EventLimits appendingWithin(Duration timeout) {
    EventLimits usual = EventLimits.defaults();
    return EventLimits.of(usual.recordBytesMax(), usual.inFlightBytesMax(), timeout);
  }
}
