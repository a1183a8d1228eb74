package io.trimtab.load;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts what came of the calls. Any thread. */
final class Tally {
  private static final int EXAMPLES_MAX = 10;

  private final Map<Kind, Counts> kinds = new EnumMap<>(Kind.class);
  private final List<String> wrong = new ArrayList<>();

  /** Of one kind. */
  static final class Counts {
    final Durations first = new Durations();
    final Durations whole = new Durations();
    final Map<String, Long> errors = new TreeMap<>();
    long right;
    long wrong;
    long failed;
  }

  Tally() {
    for (Kind kind : Kind.values()) {
      kinds.put(kind, new Counts());
    }
  }

  /**
   * Counts one call.
   *
   * @param firstMillis to the first token
   * @param wholeMillis to the end
   */
  synchronized void add(Kind kind, Verdict verdict, long firstMillis, long wholeMillis) {
    Counts counts = counts(kind);
    switch (verdict) {
      case Verdict.Right _ -> {
        counts.right++;
        counts.whole.add(wholeMillis);
        if (kind.first() == Kind.First.SEEN) {
          counts.first.add(firstMillis);
        }
      }
      case Verdict.Wrong(String what) -> {
        counts.wrong++;
        note(what);
      }
      case Verdict.Failed failure -> {
        counts.errors.merge(failure.reason(), 1L, Long::sum);
        counts.failed += failure.isOverload() ? 0 : 1;
      }
    }
  }

  /** A call of the warm-up: only that it was wrong counts. */
  synchronized void addUncounted(Kind kind, Verdict verdict) {
    if (verdict instanceof Verdict.Wrong(String what)) {
      counts(kind).wrong++;
      note(what);
    }
  }

  private void note(String what) {
    if (wrong.size() < EXAMPLES_MAX) {
      wrong.add(what);
    }
  }

  /** To be read once all calls have ended. */
  synchronized Counts counts(Kind kind) {
    Counts counts = kinds.get(kind);
    if (counts == null) {
      throw new IllegalStateException("Nothing counts " + kind);
    }
    return counts;
  }

  /** The first few. */
  synchronized List<String> wrong() {
    return List.copyOf(wrong);
  }

  /** Whether the server served what was asked for no more. */
  synchronized boolean wereAdaptersTaken() {
    return kinds.values().stream()
        .flatMap(each -> each.errors.keySet().stream())
        .anyMatch(Verdict.TAKEN::contains);
  }

  /** Whether all was right but for what the server had too much to do for. */
  synchronized boolean isSound() {
    return kinds.values().stream().allMatch(each -> each.wrong == 0 && each.failed == 0);
  }
}
