package io.trimtab.engine.sampling;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * One row of what the language model says about the next token, seen in place in native memory. It
 * is laid over the outputs of a run once and then moved from row to row; nothing is copied. Not
 * safe for use by several threads, and only valid as long as the memory under it.
 */
public final class LogitsRow {
  /** What of a row there is, or what a sampler needs of it. */
  public enum Coverage {
    /** The best tokens and the logsumexp of all. */
    BEST,
    /** The best tokens, the logsumexp, and the logit of every token. */
    FULL
  }

  private final Coverage coverage;
  private final MemorySegment bestIds;
  private final MemorySegment bestLogits;
  private final MemorySegment logsumexps;
  private final MemorySegment targets;
  private final MemorySegment masses;
  private final MemorySegment rows;
  private final int bests;
  private final int sets;
  private final int vocabulary;
  private final long count;
  private long row;

  private LogitsRow(
      Coverage coverage,
      MemorySegment bestIds,
      MemorySegment bestLogits,
      MemorySegment logsumexps,
      MemorySegment targets,
      MemorySegment masses,
      MemorySegment rows,
      int bests,
      int vocabulary) {
    this.coverage = coverage;
    this.bestIds = bestIds;
    this.bestLogits = bestLogits;
    this.logsumexps = logsumexps;
    this.targets = targets;
    this.masses = masses;
    this.rows = rows;
    this.bests = bests;
    this.vocabulary = vocabulary;
    this.count = logsumexps.byteSize() / Float.BYTES;
    this.sets = count == 0 ? 0 : Math.toIntExact(masses.byteSize() / Float.BYTES / count);
    requireBytes("best ids", bestIds, count * bests * Long.BYTES);
    requireBytes("best logits", bestLogits, count * bests * Float.BYTES);
    requireBytes("logits", rows, count * vocabulary * Float.BYTES);
  }

  /**
   * Over the best tokens alone.
   *
   * @param bestIds {@code [rows, bests]} int64, best first, the lowest id first among equals
   * @param bestLogits {@code [rows, bests]} float32, of those ids
   * @param logsumexps {@code [rows]} float32, natural log of the sum of the exponentials of the
   *     whole row; its length says how many rows there are
   */
  public static LogitsRow best(
      MemorySegment bestIds, MemorySegment bestLogits, MemorySegment logsumexps, int bests) {
    return new LogitsRow(
        Coverage.BEST,
        bestIds,
        bestLogits,
        logsumexps,
        MemorySegment.NULL,
        MemorySegment.NULL,
        MemorySegment.NULL,
        bests,
        0);
  }

  /**
   * Over the best tokens and the logits of all.
   *
   * @param logits {@code [rows, vocabulary]} float32; the others are those of {@link #best}
   */
  public static LogitsRow full(
      MemorySegment bestIds,
      MemorySegment bestLogits,
      MemorySegment logsumexps,
      int bests,
      MemorySegment logits,
      int vocabulary) {
    return new LogitsRow(
        Coverage.FULL,
        bestIds,
        bestLogits,
        logsumexps,
        MemorySegment.NULL,
        MemorySegment.NULL,
        logits,
        bests,
        vocabulary);
  }

  /**
   * The same rows, each with the logit of one token that was asked about, such as one to be scored.
   *
   * @param targetLogits {@code [rows]} float32
   */
  public LogitsRow withTargets(MemorySegment targetLogits) {
    return new LogitsRow(
        coverage, bestIds, bestLogits, logsumexps, targetLogits, masses, rows, bests, vocabulary);
  }

  /**
   * The same rows, each with the mass of every token set.
   *
   * @param setMasses {@code [rows, sets]} float32, 0 to 1
   */
  public LogitsRow withMasses(MemorySegment setMasses) {
    return new LogitsRow(
        coverage, bestIds, bestLogits, logsumexps, targets, setMasses, rows, bests, vocabulary);
  }

  /** Logits in a row with FULL coverage. */
  int vocabulary() {
    return vocabulary;
  }

  /** Moves to a row, from 0; returns itself. */
  public LogitsRow at(int row) {
    if (row < 0 || row >= count) {
      throw new IllegalStateException("Row %d is outside the %d rows".formatted(row, count));
    }
    this.row = row;
    return this;
  }

  /** How many best tokens a row has. */
  public int bests() {
    return bests;
  }

  /** How many token sets a row has the mass of. */
  public int sets() {
    return sets;
  }

  /** Probability, 0 to 1, of all tokens of a set together. */
  public float mass(int set) {
    // The graph divides two sums of float32, which may come out a hair above 1.
    return Math.min(1, masses.getAtIndex(JAVA_FLOAT, row * sets + set));
  }

  /** Id of the token at this rank, from 0. */
  public int bestId(int rank) {
    return Math.toIntExact(bestIds.getAtIndex(JAVA_LONG, row * bests + rank));
  }

  /** Logit of the token at this rank, from 0. */
  public float bestLogit(int rank) {
    return bestLogits.getAtIndex(JAVA_FLOAT, row * bests + rank);
  }

  /** Natural log of the sum of the exponentials of the whole row. */
  public float logsumexp() {
    return logsumexps.getAtIndex(JAVA_FLOAT, row);
  }

  /**
   * Logit of a token: of any with FULL coverage, else of one of the best.
   *
   * @throws IllegalStateException for a token that is not covered
   */
  float logit(int id) {
    if (coverage == Coverage.FULL && id >= 0 && id < vocabulary) {
      return rows.getAtIndex(JAVA_FLOAT, row * vocabulary + id);
    }
    for (int rank = 0; rank < bests; rank++) {
      if (bestId(rank) == id) {
        return bestLogit(rank);
      }
    }
    throw new IllegalStateException(
        "Token %d is not among the %d best and the coverage is %s".formatted(id, bests, coverage));
  }

  /** Natural-log probability, at most 0, of a covered token under the model's own distribution. */
  float logprob(int id) {
    return logprob(logit(id), logsumexp());
  }

  /** The same for the token that this row was asked about. */
  public float targetLogprob() {
    return logprob(targets.getAtIndex(JAVA_FLOAT, row), logsumexp());
  }

  /** The same for the token at this rank, from 0. */
  public float bestLogprob(int rank) {
    return logprob(bestLogit(rank), logsumexp());
  }

  /**
   * Copies the logits of all tokens, float32, to the beginning of an array.
   *
   * @param size how many the caller takes them to be
   * @throws IllegalStateException when the coverage is not FULL or the row has another size
   */
  void copyTo(float[] target, int size) {
    if (coverage != Coverage.FULL || size != vocabulary) {
      throw new IllegalStateException(
          "Expected all %d logits of a row, the coverage is %s of %d"
              .formatted(size, coverage, vocabulary));
    }
    MemorySegment.copy(rows, JAVA_FLOAT, row * vocabulary * Float.BYTES, target, 0, vocabulary);
  }

  private static float logprob(float logit, float logsumexp) {
    // The graph sums in float32, so that a certain token may come out a hair above 0.
    return Math.min(0, logit - logsumexp);
  }

  private static void requireBytes(String name, MemorySegment segment, long expected) {
    if (segment.byteSize() < expected) {
      throw new IllegalStateException(
          "The %s hold %d bytes, expected %d".formatted(name, segment.byteSize(), expected));
    }
  }
}
