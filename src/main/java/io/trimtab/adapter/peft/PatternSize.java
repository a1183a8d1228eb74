package io.trimtab.adapter.peft;

import io.trimtab.error.TrimtabException;

/**
 * How many steps the patterns of one adapter_config.json may be written out to, all of them
 * together: repetitions make much of little text. One thread.
 */
final class PatternSize {
  /** A few megabytes. */
  private static final int STEPS_MAX = 200_000;

  private int left = STEPS_MAX;

  void add(int steps) {
    left -= steps;
    if (left < 0) {
      throw TrimtabException.invalid(
          "adapter_config.json has patterns that are too large once their repetitions are written"
              + " out, expected simpler ones");
    }
  }
}
