package io.trimtab.serving.metrics;

import io.trimtab.adaptation.governor.GovernorAction;
import io.trimtab.adaptation.governor.GovernorEvent;
import io.trimtab.adaptation.governor.GovernorEvent.Outcome;
import io.trimtab.adaptation.governor.GovernorLog;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;

/** What the governor has done since this process started, by action and outcome. Any thread. */
@Singleton
public final class GovernorCounts implements GovernorLog, MetricSource {
  private static final int OUTCOMES = Outcome.values().length;

  private final AtomicLongArray counts =
      new AtomicLongArray(GovernorAction.values().length * OUTCOMES);

  @Override
  public void tell(GovernorEvent event) {
    counts.incrementAndGet(place(event.action(), event.outcome()));
  }

  @Override
  public void collect(Families into) {
    Families.Rows rows =
        into.counter(
            "trimtab_governor_actions_total",
            "Signals of drift by the action that followed, and whether it was taken",
            List.of("action", "outcome"));
    for (GovernorAction action : GovernorAction.values()) {
      for (Outcome outcome : Outcome.values()) {
        rows.add(
            counts.get(place(action, outcome)),
            action.wireName(),
            outcome.name().toLowerCase(Locale.ROOT));
      }
    }
  }

  private static int place(GovernorAction action, Outcome outcome) {
    return action.ordinal() * OUTCOMES + outcome.ordinal();
  }
}
