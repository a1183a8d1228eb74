package io.trimtab.adaptation.governor;

import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.governor.GovernorEvent.Outcome;
import io.trimtab.adaptation.governor.GovernorSettings.Mode;
import io.trimtab.adaptation.governor.GovernorSettings.Retrain;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftListener;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Served;
import io.trimtab.error.TrimtabException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/**
 * Acts on drift, within limits: what is to be done is {@link GovernorPolicy}'s to say. Each action
 * is a new version of the adapter, made at the version that was decided on, so that of two
 * governors, or of a governor and a person, one acts. Each signal becomes an event, whatever was
 * done about it.
 *
 * <p>Signals may come from any thread and are worked off on the executor, one after the other; what
 * was done is served with the next request.
 */
public final class Governor implements DriftListener {
  private static final System.Logger LOG = System.getLogger(Governor.class.getName());

  private final AdapterRegistry registry;
  private final AdapterPublisher publisher;
  private final Retraining retraining;
  private final Probing probing;
  private final GovernorHistory history;
  private final GovernorLog log;
  private final GovernorSettings settings;
  private final ExecutorService thread;
  private final Clock clock;

  /**
   * @param thread a single one; closed by whoever made it
   */
  public Governor(
      AdapterRegistry registry,
      AdapterPublisher publisher,
      Retraining retraining,
      Probing probing,
      GovernorHistory history,
      GovernorLog log,
      GovernorSettings settings,
      ExecutorService thread,
      Clock clock) {
    this.registry = registry;
    this.publisher = publisher;
    this.retraining = retraining;
    this.probing = probing;
    this.history = history;
    this.log = log;
    this.settings = settings;
    this.thread = thread;
    this.clock = clock;
  }

  @Override
  public void signal(DriftSignal signal) {
    try {
      thread.execute(() -> act(signal));
    } catch (RejectedExecutionException e) {
      LOG.log(
          System.Logger.Level.DEBUG, "The server stops: a signal of {0} is left", signal.served());
    }
  }

  /** Serves canaries to all that have shown enough. Called from time to time. */
  public void promoteCanaries(DriftWatch watch) {
    for (AdapterSnapshot now : registry.all()) {
      now.revision(now.canaryRevision())
          .map(canary -> new Served(now.id(), canary.revision(), canary.scale()))
          .flatMap(watch::report)
          .flatMap(
              report ->
                  GovernorPolicy.promote(now, report, settings)
                      .map(
                          decision ->
                              new DriftSignal(
                                  clock.instant(),
                                  report.served(),
                                  "canary",
                                  DriftLevel.STABLE,
                                  0,
                                  0,
                                  0,
                                  Cause.MODEL,
                                  report.answers(),
                                  decision.reason())))
          .ifPresent(
              signal ->
                  perform(
                      signal,
                      new Decision(
                          GovernorAction.PROMOTE, signal.served().scale(), signal.detail()),
                      now));
    }
  }

  private void act(DriftSignal signal) {
    AdapterId id = signal.served().id();
    AdapterSnapshot now;
    try {
      now = registry.refresh(id);
    } catch (TrimtabException gone) {
      return;
    }
    Decision decision =
        GovernorPolicy.decide(signal, now, history.changes(id), settings, clock.instant());
    perform(signal, decision, now);
    if (decision.action() == GovernorAction.WARN && signal.cause() != Cause.MODEL) {
      // What live answers cannot tell apart, questions with known answers can.
      probing.order(signal.served());
    }
  }

  private void perform(DriftSignal signal, Decision decision, AdapterSnapshot now) {
    if (settings.mode() == Mode.ADVISE && decision.action().changes()) {
      record(signal, decision.action(), Outcome.ADVISED, 0, decision.reason());
      return;
    }
    try {
      long version =
          changed(signal.served(), decision, now).map(AdapterSnapshot::version).orElse(0L);
      record(signal, decision.action(), Outcome.DONE, version, decision.reason());
    } catch (TrimtabException e) {
      record(
          signal,
          decision.action(),
          Outcome.NOT_DONE,
          0,
          "%s; not done: %s".formatted(decision.reason(), e.getMessage()));
      return;
    }
    switch (decision.action()) {
      case ROLLBACK, QUARANTINE -> retrain(signal);
      case NONE, WARN, DAMP, RETRAIN, PROMOTE, WITHDRAW -> {}
    }
  }

  private Optional<AdapterSnapshot> changed(Served served, Decision decision, AdapterSnapshot now) {
    AdapterId id = served.id();
    String reason = "governor: " + decision.reason();
    long version = now.version();
    return switch (decision.action()) {
      case NONE, WARN, RETRAIN -> Optional.empty();
      case DAMP ->
          Optional.of(publisher.setScale(id, served.revision(), decision.scale(), reason, version));
      case ROLLBACK -> Optional.of(publisher.rollback(id, reason, version));
      case QUARANTINE, WITHDRAW ->
          Optional.of(publisher.quarantine(id, served.revision(), reason, version));
      case PROMOTE ->
          Optional.of(
              publisher.activate(
                  id,
                  new Activation(
                      served.revision(), 100, Activation.Force.RESPECTING_STATE, reason, version)));
    };
  }

  private void retrain(DriftSignal signal) {
    if (settings.retrain() == Retrain.LEAVE) {
      return;
    }
    try {
      String job = retraining.order(signal.served().id());
      record(signal, GovernorAction.RETRAIN, Outcome.DONE, 0, "job " + job);
    } catch (TrimtabException e) {
      record(signal, GovernorAction.RETRAIN, Outcome.NOT_DONE, 0, String.valueOf(e.getMessage()));
    }
  }

  private void record(
      DriftSignal signal, GovernorAction action, Outcome outcome, long version, String reason) {
    GovernorEvent event =
        new GovernorEvent(clock.instant(), signal, action, outcome, version, reason);
    history.add(event);
    log.tell(event);
    if (action != GovernorAction.NONE) {
      LOG.log(
          System.Logger.Level.INFO,
          "Drift of {0}: {1} {2}: {3}",
          signal.served(),
          action.wireName(),
          outcome,
          reason);
    }
  }
}
