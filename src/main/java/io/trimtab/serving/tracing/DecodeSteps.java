package io.trimtab.serving.tracing;

import io.opentelemetry.api.common.Attributes;
import io.trimtab.engine.api.StepTimes;

/**
 * The decode steps that one answer took part in, in sum.
 *
 * @param count of steps
 * @param rows of all of them
 * @param rowsMax of the fullest
 * @param nanosMax of the longest
 */
record DecodeSteps(int count, long rows, int rowsMax, long nanosMax) {
  static DecodeSteps of(StepTimes steps) {
    long rows = 0;
    int rowsMax = 0;
    long nanosMax = 0;
    for (int i = 0; i < steps.rows().length; i++) {
      rows += steps.rows()[i];
      rowsMax = Math.max(rowsMax, steps.rows()[i]);
      nanosMax = Math.max(nanosMax, steps.nanos()[i]);
    }
    return new DecodeSteps(steps.rows().length, rows, rowsMax, nanosMax);
  }

  /** Empty where there were no steps. */
  Attributes attributes() {
    return count == 0
        ? Attributes.empty()
        : Attributes.of(
            TraceNames.STEPS,
            (long) count,
            TraceNames.BATCH_SIZE_MEAN,
            (double) rows / count,
            TraceNames.BATCH_SIZE_MAX,
            (long) rowsMax,
            TraceNames.STEP_LONGEST,
            nanosMax / 1e9);
  }
}
