package io.trimtab.app;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What one adapter's name was served by, version by version, held against what its callers got and
 * what is told of it. Before the first version it is base. Immutable; all times are of one clock.
 *
 * <p>When a version came to be served is known to lie between two moments: its own time is taken
 * before it is written, and who watches is told once it is served. So it may have served a call
 * from its own time on, and until the next version was told. No allowance is made beyond that.
 */
final class ServingHistory {
  private final List<Version> versions;

  /** What answers a name. */
  record Serving(int revision, float scale) {
    static final Serving BASE = new Serving(0, 1);
  }

  /**
   * A version of the adapter.
   *
   * @param change what it was made by, in words
   * @param decided its own time
   * @param told when its watchers heard of it
   */
  record Version(long number, Serving serving, String change, Instant decided, Instant told) {}

  /** An answer by the name, and when its call began and ended. */
  record Answer(Serving by, Instant began, Instant ended) {}

  /** Why a version is there. */
  record Explanation(long version, String words) {}

  /**
   * @param versions from the first on, in their order
   */
  ServingHistory(List<Version> versions) {
    this.versions = new ArrayList<>();
    this.versions.add(new Version(0, Serving.BASE, "not made yet", Instant.MIN, Instant.MIN));
    this.versions.addAll(versions);
  }

  /**
   * What is wrong, in words: answers by what was not served at any moment of their call, versions
   * that were never seen, changes of what is served that not exactly one explanation is about, and
   * explanations of what is no such change.
   */
  List<String> faults(List<Answer> answers, List<Explanation> explanations) {
    for (int i = 0; i < versions.size(); i++) {
      if (versions.get(i).number() != i) {
        return List.of("version %d was not seen, but %s".formatted(i, versions.get(i)));
      }
    }
    List<String> faults = new ArrayList<>();
    answers.stream()
        .filter(answer -> !wasServed(answer))
        .forEach(answer -> faults.add("not served at the time: " + answer));
    for (int i = 1; i < versions.size(); i++) {
      Version version = versions.get(i);
      int expected = changes(version) ? 1 : 0;
      List<Explanation> told =
          explanations.stream().filter(each -> each.version() == version.number()).toList();
      if (told.size() != expected) {
        faults.add(
            "%d explanations, expected %d: %s %s".formatted(told.size(), expected, version, told));
      }
    }
    explanations.stream()
        .filter(each -> each.version() < 1 || each.version() >= versions.size())
        .forEach(each -> faults.add("of a version that was not seen: " + each));
    return faults;
  }

  /** Whether the name is served by something else than before, of a version that was seen. */
  private boolean changes(Version version) {
    return !version.serving().equals(versions.get((int) version.number() - 1).serving());
  }

  private boolean wasServed(Answer answer) {
    for (int i = 0; i < versions.size(); i++) {
      boolean begun = !versions.get(i).decided().isAfter(answer.ended());
      boolean over = i + 1 < versions.size() && versions.get(i + 1).told().isBefore(answer.began());
      if (begun && !over && versions.get(i).serving().equals(answer.by())) {
        return true;
      }
    }
    return false;
  }
}
