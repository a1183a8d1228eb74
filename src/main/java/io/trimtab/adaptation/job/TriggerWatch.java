package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.Decision;
import io.trimtab.adaptation.feedback.DueAdapter;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.TriggerSettings;
import io.trimtab.adaptation.feedback.TriggerState;
import io.trimtab.adaptation.feedback.TuningTrigger;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot.Existence;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Asks of every adapter with feedback whether it is to be tuned now. Any thread. */
public final class TriggerWatch {
  private final ExampleStore examples;
  private final TuningJobs jobs;
  private final AdapterRegistry registry;
  private final TriggerSettings settings;
  private final Clock clock;
  private final EachByItself looks = new EachByItself();

  public TriggerWatch(
      ExampleStore examples,
      TuningJobs jobs,
      AdapterRegistry registry,
      TriggerSettings settings,
      Clock clock) {
    this.examples = examples;
    this.jobs = jobs;
    this.registry = registry;
    this.settings = settings;
    this.clock = clock;
  }

  /**
   * The adapters that are due, the longest first. One whose state can't be read is not among them.
   *
   * @param busy adapters that have a job already
   */
  List<DueAdapter> due(Collection<AdapterId> busy) {
    Map<AdapterId, Decision> decisions = new HashMap<>();
    for (AdapterId adapter : examples.adapters()) {
      if (!busy.contains(adapter)) {
        var _ = looks.attempt(adapter, () -> decide(adapter, decisions));
      }
    }
    return TuningTrigger.inOrder(decisions);
  }

  private void decide(AdapterId adapter, Map<AdapterId, Decision> decisions) {
    if (isThere(adapter)) {
      decisions.put(adapter, decision(adapter));
    }
  }

  /**
   * Of a deleted adapter examples may be left for a while; nothing is made of them. One that
   * another process has made, and that cannot be served here yet, can be tuned all the same.
   */
  private boolean isThere(AdapterId adapter) {
    return registry.list(adapter.tenant()).stream()
            .anyMatch(snapshot -> snapshot.id().equals(adapter))
        || registry
            .stored(adapter)
            .filter(stored -> stored.existence() != Existence.DELETED)
            .isPresent();
  }

  /** What is decided for an adapter now, and why. */
  public Decision decision(AdapterId adapter) {
    return TuningTrigger.decide(state(adapter), settings, clock.instant());
  }

  /**
   * Feedback ids of the examples that a job of the adapter has seen. One that FAILED has not: what
   * it was to learn is tried again after the pause.
   */
  public Set<String> tuned(AdapterId adapter) {
    SeenExamples seen =
        SeenExamples.of(
            jobs.of(adapter).stream().filter(job -> hasSeen(job.state())).toList(),
            clock.instant());
    return examples.usableIds(adapter, seen::contains);
  }

  private TriggerState state(AdapterId adapter) {
    List<TuningJob> refused =
        jobs.of(adapter).stream()
            .filter(job -> job.state().ended())
            .takeWhile(job -> holdsBack(job.state()))
            .toList();
    if (!refused.isEmpty()) {
      // What failed under a name that was deleted since says nothing of what has it now.
      Instant deleted = registry.lastDeleted(adapter).orElse(Instant.MIN);
      refused = refused.stream().filter(job -> job.created().isAfter(deleted)).toList();
    }
    return TriggerState.of(examples.counts(adapter, tuned(adapter)))
        .withRefusals(refused.size(), refused.stream().findFirst().map(TuningJob::updated));
  }

  private static boolean hasSeen(JobState state) {
    return switch (state) {
      case PUBLISHED, REJECTED, CANCELLED -> true;
      case QUEUED, TRAINING, EVALUATING, FAILED -> false;
    };
  }

  /** After these it takes a pause, lest the same fails again and again. */
  private static boolean holdsBack(JobState state) {
    return switch (state) {
      case REJECTED, FAILED -> true;
      case QUEUED, TRAINING, EVALUATING, PUBLISHED, CANCELLED -> false;
    };
  }
}
