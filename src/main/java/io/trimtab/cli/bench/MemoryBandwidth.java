package io.trimtab.cli.bench;

import java.util.Arrays;
import java.util.stream.IntStream;

/** How fast this machine reads memory with all its cores: what bounds a decode step from below. */
final class MemoryBandwidth {
  /** Far beyond any cache. */
  private static final int LONGS_PER_CORE = 1 << 24;

  private static final int ROUNDS = 8;

  private MemoryBandwidth() {}

  /** The best of several rounds, in bytes per second. */
  static double bytesPerSecond() {
    int cores = Runtime.getRuntime().availableProcessors();
    long[][] memory = new long[cores][];
    IntStream.range(0, cores)
        .parallel()
        .forEach(
            core -> {
              memory[core] = new long[LONGS_PER_CORE];
              Arrays.fill(memory[core], core + 1);
            });
    double best = 0;
    long total = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      total += IntStream.range(0, cores).parallel().mapToLong(core -> sum(memory[core])).sum();
      double seconds = (System.nanoTime() - start) / 1e9;
      best = Math.max(best, (double) cores * LONGS_PER_CORE * Long.BYTES / seconds);
    }
    if (total == 0) {
      throw new IllegalStateException("The sum that keeps the reads from being dropped is 0");
    }
    return best;
  }

  private static long sum(long[] values) {
    long sum = 0;
    for (long value : values) {
      sum += value;
    }
    return sum;
  }
}
