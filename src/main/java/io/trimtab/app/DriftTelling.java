package io.trimtab.app;

import io.trimtab.adaptation.governor.GovernorEvent;
import io.trimtab.adaptation.governor.GovernorEventJson;
import io.trimtab.adaptation.governor.GovernorLog;
import io.trimtab.events.DriftEvents;
import java.util.UUID;
import java.util.function.Supplier;

/** Tells Kafka what drifts and what is done about it. Any thread; returns at once. */
final class DriftTelling implements GovernorLog {
  private final Supplier<DriftEvents> events;

  /**
   * @param events asked for when there is something to tell
   */
  DriftTelling(Supplier<DriftEvents> events) {
    this.events = events;
  }

  @Override
  public void tell(GovernorEvent event) {
    events
        .get()
        .tell(
            event.signal().served().id().tenant(),
            UUID.randomUUID().toString(),
            GovernorEventJson.write(event).toString());
  }
}
