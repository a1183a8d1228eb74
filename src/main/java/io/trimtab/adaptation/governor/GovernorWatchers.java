package io.trimtab.adaptation.governor;

import io.trimtab.adapter.Subscriber;
import io.trimtab.adapter.Subscribers;
import io.trimtab.adapter.Subscription;
import java.util.List;

/**
 * Hands the governor's events to all that want them: logs, each at once, and those who watch a
 * tenant, through a bounded buffer each. One that fails is said, and keeps them from nobody else.
 * Any thread; returns at once.
 */
public final class GovernorWatchers implements GovernorLog {
  private static final System.Logger LOG = System.getLogger(GovernorWatchers.class.getName());

  private final List<GovernorLog> logs;
  private final Subscribers<GovernorEvent> ofTenants = new Subscribers<>();

  /**
   * @param logs told of every event of all tenants
   */
  public GovernorWatchers(List<GovernorLog> logs) {
    this.logs = List.copyOf(logs);
  }

  /** Tells of the tenant's events from now on, until the subscription is closed. */
  public Subscription<GovernorEvent> watch(
      String tenant, int eventsMax, Subscriber<GovernorEvent> watcher) {
    return ofTenants.add(tenant, eventsMax, watcher);
  }

  @Override
  public void tell(GovernorEvent event) {
    for (GovernorLog log : logs) {
      try {
        log.tell(event);
      } catch (RuntimeException e) {
        LOG.log(
            System.Logger.Level.WARNING,
            "An event of %s was not told: %s".formatted(event.signal().served(), e));
      }
    }
    ofTenants.tell(event.signal().served().id().tenant(), event);
  }
}
