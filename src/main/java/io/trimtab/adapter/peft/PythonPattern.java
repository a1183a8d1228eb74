package io.trimtab.adapter.peft;

import io.trimtab.error.TrimtabException;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A regular expression in Python's syntax over ASCII names, for matches of a whole name.
 *
 * <p>Patterns come with uploads, so java.util.regex won't do: its backtracking takes exponential
 * time on patterns made for that, also where it reads no character that a guard could count. This
 * follows all alternatives at once (Thompson, "Regular Expression Search Algorithm", 1968): time
 * grows with pattern times name, and every step is taken from a budget. Captures, references to
 * them, and atomic or possessive groups are refused: they are what needs backtracking.
 */
final class PythonPattern {
  private final List<Step> steps;

  private PythonPattern(List<Step> steps) {
    this.steps = steps;
  }

  /**
   * @param size what this and other patterns may come to together
   * @throws TrimtabException INVALID_ARGUMENT for what is not a regular expression, or not one that
   *     is served
   */
  static PythonPattern compile(String text, PatternSize size) {
    return new PythonPattern(PythonPatternParser.parse(text, size));
  }

  /** As {@code re.fullmatch}: whether the pattern covers all of {@code name}. */
  boolean matches(String name, Budget budget) {
    return new Walk(steps, name, budget).reaches(0, at -> at == name.length());
  }

  /** What one match after another may cost together. */
  static final class Budget {
    private long left;

    Budget(long steps) {
      left = steps;
    }

    private void spend(int steps) {
      left -= steps;
      if (left < 0) {
        throw TrimtabException.invalid(
            "adapter_config.json has patterns that take too long to match, expected simpler ones");
      }
    }
  }

  /** One instruction of a compiled pattern; they are numbered from 0. */
  sealed interface Step {}

  /** Reads one character of a set of ASCII characters. */
  record Read(BitSet characters) implements Step {}

  /** Goes on at both. */
  record Split(int first, int second) implements Step {}

  /** Goes on elsewhere. */
  record Jump(int to) implements Step {}

  /** Holds between two characters, or does not. */
  record At(Edge edge) implements Step {}

  /** Looks at what is ahead or behind without reading it. */
  record Look(List<Step> steps, Direction direction, Expectation expectation) implements Step {}

  /** The pattern has matched up to here. */
  record Done() implements Step {}

  enum Edge {
    START,
    END,
    WORD,
    NOT_WORD
  }

  enum Direction {
    AHEAD,
    BEHIND
  }

  enum Expectation {
    MATCH,
    NO_MATCH
  }

  /** Walks one name, all alternatives abreast. */
  private static final class Walk {
    private final List<Step> steps;
    private final String name;
    private final Budget budget;
    private final int[] pending;
    private BitSet seen = new BitSet();
    private BitSet readers = new BitSet();

    private Walk(List<Step> steps, String name, Budget budget) {
      this.steps = steps;
      this.name = name;
      this.budget = budget;
      this.pending = new int[steps.size() + 1];
      budget.spend(1 + steps.size() / 16);
    }

    /** Whether a match that begins at {@code from} can end where {@code end} accepts it. */
    private boolean reaches(int from, IntPredicate end) {
      if (follow(0, from, end)) {
        return true;
      }
      for (int at = from; at < name.length() && !readers.isEmpty(); at++) {
        budget.spend(1 + steps.size() / 64);
        BitSet reading = readers;
        seen = new BitSet(steps.size());
        readers = new BitSet(steps.size());
        for (int step = reading.nextSetBit(0); step >= 0; step = reading.nextSetBit(step + 1)) {
          budget.spend(1);
          Read read = (Read) steps.get(step);
          if (read.characters.get(name.charAt(at)) && follow(step + 1, at + 1, end)) {
            return true;
          }
        }
      }
      return false;
    }

    /** Goes on from a step until characters must be read; whether an accepted end came first. */
    private boolean follow(int first, int at, IntPredicate end) {
      int size = 0;
      size = push(first, size);
      while (size > 0) {
        budget.spend(1);
        int step = pending[--size];
        switch (steps.get(step)) {
          case Read _ -> readers.set(step);
          case Split split -> size = push(split.first, push(split.second, size));
          case Jump jump -> size = push(jump.to, size);
          case At edge -> size = holds(edge.edge, at) ? push(step + 1, size) : size;
          case Look look -> size = holds(look, at) ? push(step + 1, size) : size;
          case Done _ -> {
            if (end.test(at)) {
              return true;
            }
          }
        }
      }
      return false;
    }

    /** Each step is followed once a character, so {@code pending} never overflows. */
    private int push(int step, int size) {
      if (seen.get(step)) {
        return size;
      }
      seen.set(step);
      pending[size] = step;
      return size + 1;
    }

    private boolean holds(Edge edge, int at) {
      return switch (edge) {
        case START -> at == 0;
        case END -> at == name.length();
        case WORD -> isWord(at - 1) != isWord(at);
        case NOT_WORD -> isWord(at - 1) == isWord(at);
      };
    }

    private boolean isWord(int index) {
      return index >= 0 && index < name.length() && AsciiSets.WORD.get(name.charAt(index));
    }

    private boolean holds(Look look, int at) {
      boolean found =
          switch (look.direction) {
            case AHEAD -> new Walk(look.steps, name, budget).reaches(at, _ -> true);
            case BEHIND -> endsAt(look.steps, at);
          };
      return switch (look.expectation) {
        case MATCH -> found;
        case NO_MATCH -> !found;
      };
    }

    private boolean endsAt(List<Step> inner, int at) {
      for (int from = at; from >= 0; from--) {
        if (new Walk(inner, name, budget).reaches(from, end -> end == at)) {
          return true;
        }
      }
      return false;
    }
  }
}
