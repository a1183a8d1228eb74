package io.trimtab.engine.sampling;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.trimtab.engine.api.SamplingParameters;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Rows of logits in native memory, laid out as the graph lays them out. */
public final class Rows {
  private Rows() {}

  /** With the logits of all tokens; standing at the first row. */
  public static LogitsRow full(float[]... rows) {
    int vocabulary = rows[0].length;
    MemorySegment logits = Arena.ofAuto().allocate(JAVA_FLOAT, (long) rows.length * vocabulary);
    for (int row = 0; row < rows.length; row++) {
      MemorySegment.copy(
          rows[row], 0, logits, JAVA_FLOAT, (long) row * vocabulary * Float.BYTES, vocabulary);
    }
    int bests = bests(vocabulary);
    return LogitsRow.full(
        ids(rows, bests), bestLogits(rows, bests), logsumexps(rows), bests, logits, vocabulary);
  }

  /** With the best tokens alone; standing at the first row. */
  public static LogitsRow best(float[]... rows) {
    int bests = bests(rows[0].length);
    return LogitsRow.best(ids(rows, bests), bestLogits(rows, bests), logsumexps(rows), bests);
  }

  private static int bests(int vocabulary) {
    return Math.min(SamplingParameters.TOP_LOGPROBS_MAX, vocabulary);
  }

  private static List<Integer> ranked(float[] row) {
    return IntStream.range(0, row.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer id) -> -(row[id] + 0.0)))
        .toList();
  }

  private static MemorySegment ids(float[][] rows, int bests) {
    MemorySegment ids = Arena.ofAuto().allocate(JAVA_LONG, (long) rows.length * bests);
    for (int row = 0; row < rows.length; row++) {
      List<Integer> ranked = ranked(rows[row]);
      for (int rank = 0; rank < bests; rank++) {
        ids.setAtIndex(JAVA_LONG, (long) row * bests + rank, ranked.get(rank));
      }
    }
    return ids;
  }

  private static MemorySegment bestLogits(float[][] rows, int bests) {
    MemorySegment logits = Arena.ofAuto().allocate(JAVA_FLOAT, (long) rows.length * bests);
    for (int row = 0; row < rows.length; row++) {
      List<Integer> ranked = ranked(rows[row]);
      for (int rank = 0; rank < bests; rank++) {
        logits.setAtIndex(JAVA_FLOAT, (long) row * bests + rank, rows[row][ranked.get(rank)]);
      }
    }
    return logits;
  }

  private static MemorySegment logsumexps(float[][] rows) {
    MemorySegment logsumexps = Arena.ofAuto().allocate(JAVA_FLOAT, rows.length);
    for (int row = 0; row < rows.length; row++) {
      double best = Double.NEGATIVE_INFINITY;
      for (float logit : rows[row]) {
        best = Math.max(best, logit);
      }
      double sum = 0;
      for (float logit : rows[row]) {
        sum += Math.exp(logit - best);
      }
      logsumexps.setAtIndex(JAVA_FLOAT, row, (float) (best + Math.log(sum)));
    }
    return logsumexps;
  }
}
