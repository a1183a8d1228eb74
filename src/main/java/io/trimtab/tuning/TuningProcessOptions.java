package io.trimtab.tuning;

import io.trimtab.error.TrimtabException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How trainers are run.
 *
 * @param cacheFolder where DJL unpacks its native libraries
 * @param heapBytesMax of the trainer's Java heap, from 64 MiB; weights and tensors lie beside it
 * @param restartsMax trainers that die without a word are started again so often, from 0
 * @param silenceMax a trainer that says nothing for so long, and was not paused, is taken for dead;
 *     longer than opening the model, any micro-batch, and writing the delta
 * @param stopGrace between asking a trainer to stop and killing it
 */
public record TuningProcessOptions(
    Path cacheFolder, long heapBytesMax, int restartsMax, Duration silenceMax, Duration stopGrace) {
  private static final long HEAP_BYTES_MIN = 64L << 20;

  public TuningProcessOptions {
    if (heapBytesMax < HEAP_BYTES_MIN || restartsMax < 0) {
      throw TrimtabException.invalid(
          "The trainer's heap is %d bytes and its restarts %d, expected from %d and from 0"
              .formatted(heapBytesMax, restartsMax, HEAP_BYTES_MIN));
    }
    if (!silenceMax.isPositive() || !stopGrace.isPositive()) {
      throw TrimtabException.invalid(
          "The trainer may be silent for %s and has %s to stop, expected more than nothing"
              .formatted(silenceMax, stopGrace));
    }
  }
}
