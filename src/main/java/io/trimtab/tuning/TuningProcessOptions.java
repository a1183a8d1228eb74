package io.trimtab.tuning;

import io.trimtab.error.TrimtabException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How trainers are run.
 *
 * @param cacheFolder where DJL unpacks its native libraries
 * @param heapBytesMax of the trainer's Java heap, from 64 MiB; weights and tensors lie beside it
 * @param restartPauses a trainer that dies without a word is followed by another after the first of
 *     these, after the second if that one dies too, and so on; behind the last the job is given up.
 *     Once a trainer goes on from a later checkpoint than all before, the first is the next again
 * @param silenceMax a trainer that says nothing for so long, and was not paused, is taken for dead;
 *     longer than opening the model, any micro-batch, and writing the delta
 * @param stopGrace between asking a trainer to stop and killing it
 */
public record TuningProcessOptions(
    Path cacheFolder,
    long heapBytesMax,
    List<Duration> restartPauses,
    Duration silenceMax,
    Duration stopGrace) {
  /** Outlasts memory that is short for a minute. */
  public static final List<Duration> RESTART_PAUSES =
      List.of(Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(60));

  private static final long HEAP_BYTES_MIN = 64L << 20;

  public TuningProcessOptions {
    restartPauses = List.copyOf(restartPauses);
    if (heapBytesMax < HEAP_BYTES_MIN || restartPauses.stream().anyMatch(Duration::isNegative)) {
      throw TrimtabException.invalid(
          "The trainer's heap is %d bytes and the pauses before its restarts %s, expected from %d"
                  .formatted(heapBytesMax, restartPauses, HEAP_BYTES_MIN)
              + " and none below 0");
    }
    if (!silenceMax.isPositive() || !stopGrace.isPositive()) {
      throw TrimtabException.invalid(
          "The trainer may be silent for %s and has %s to stop, expected more than nothing"
              .formatted(silenceMax, stopGrace));
    }
  }
}
