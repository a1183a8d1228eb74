package io.trimtab.adaptation.job;

import io.trimtab.engine.api.StepTimes;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * How long decode steps take while nothing is trained, by the sequences that they decode, and how
 * much longer others take. One thread.
 */
final class UncontendedStepTimes {
  /** A batch has up to so many rows. */
  private static final int ROWS_MAX = 256;

  /** How much of the known is kept when new steps are seen. */
  private static final double MEMORY = 0.9;

  /** Nanoseconds by rows; 0 where none was seen. */
  private final double[] nanos = new double[1 + ROWS_MAX];

  /** Takes in steps that ran while nothing was trained: of each number of rows, the median. */
  void learn(StepTimes steps) {
    IntStream.of(steps.rows())
        .distinct()
        .forEach(
            rows -> {
              double seen =
                  median(
                      IntStream.range(0, steps.rows().length)
                          .filter(step -> steps.rows()[step] == rows)
                          .mapToDouble(step -> steps.nanos()[step])
                          .toArray());
              nanos[rows] = nanos[rows] == 0 ? seen : nanos[rows] * MEMORY + seen * (1 - MEMORY);
            });
  }

  /**
   * How many times as long as alone these steps took, the median; empty where half of them or more
   * have rows of which no step was seen alone, and where there are none.
   */
  OptionalDouble slowdown(StepTimes steps) {
    double[] known =
        IntStream.range(0, steps.rows().length)
            .filter(step -> nanos[steps.rows()[step]] > 0)
            .mapToDouble(step -> steps.nanos()[step] / nanos[steps.rows()[step]])
            .toArray();
    return 2 * known.length > steps.rows().length
        ? OptionalDouble.of(median(known))
        : OptionalDouble.empty();
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
