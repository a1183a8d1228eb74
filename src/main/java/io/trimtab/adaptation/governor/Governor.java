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
import io.trimtab.drift.WatchReport;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;

/**
 * Acts on drift, within limits: what is to be done is {@link GovernorPolicy}'s to say. Each action
 * is a new version of the adapter, made at the version that was decided on, so that of two
 * governors, or of a governor and a person, one acts. What a person has undone stays undone ({@link
 * Overruling}). Each signal becomes an event, whatever was done about it.
 *
 * <p>Signals may come from any thread and are worked off on the executor, one after the other; what
 * was done is served with the next request.
 */
public final class Governor implements DriftListener {
  private static final System.Logger LOG = System.getLogger(Governor.class.getName());

  /** In UTF-16 units, below what a version's reason may have. */
  private static final int REASON_MAX = 900;

  /** After which what could not be done is tried again. */
  private static final Duration AGAIN = Duration.ofMinutes(1);

  private final AdapterRegistry registry;
  private final Overruling overruling;
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
    this.overruling = new Overruling(registry);
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

  /**
   * Serves canaries to all that have shown enough, that their probes do not refuse, and for which
   * there is room among the changes. Called from time to time; what was advised, or could not be
   * done just now, is not said again and again.
   */
  public void promoteCanaries(DriftWatch watch) {
    for (AdapterSnapshot known : registry.all()) {
      if (known.canaryRevision() != 0) {
        try {
          promote(registry.newest(known.id()), watch);
        } catch (TrimtabException e) {
          LOG.log(
              System.Logger.Level.DEBUG,
              "The canary of {0} is left: {1}",
              known.id(),
              e.getMessage());
        }
      }
    }
  }

  private void promote(AdapterSnapshot now, DriftWatch watch) {
    now.revision(now.canaryRevision())
        .map(canary -> new Served(now.id(), canary.revision(), canary.scale()))
        .filter(canary -> !isSaid(canary, event -> event.action() == GovernorAction.PROMOTE))
        .filter(canary -> !isRefused(canary))
        .flatMap(watch::report)
        .ifPresent(
            report ->
                GovernorPolicy.promote(
                        now, report, history.changes(now.id()), settings, clock.instant())
                    .ifPresent(
                        decision -> perform(ofCanary(report, decision.reason()), decision, now)));
  }

  /**
   * Live answers may be well all the same, and it may be served since nothing could be done. What
   * probes refused before a restart is refused until they were put to it again.
   */
  private boolean isRefused(Served served) {
    return probing.refusals().stream().anyMatch(refusal -> refusal.served().equals(served))
        || history
            .last(served, event -> event.signal().metric().equals(GovernorPolicy.PROBES))
            .filter(event -> event.signal().level() == DriftLevel.DRIFT)
            .filter(_ -> probing.awaitsFirst(served))
            .isPresent();
  }

  private DriftSignal ofCanary(WatchReport report, String reason) {
    return new DriftSignal(
        clock.instant(),
        report.served(),
        "canary",
        DriftLevel.STABLE,
        0,
        0,
        0,
        Cause.MODEL,
        report.answers(),
        reason);
  }

  /**
   * Sees to it that drift which the watch still knows of, and probes that still fail, were acted
   * upon: a signal may have been lost with the process, what could not be done then may be possible
   * now, and what was one change too many waits for the end of the span. Called from time to time.
   */
  public void catchUp(DriftWatch watch) {
    for (WatchReport report : watch.reports()) {
      for (WatchReport.Metric metric : report.metrics()) {
        if (metric.level() == DriftLevel.DRIFT) {
          takeUp(standing(report, metric));
        }
      }
    }
    probing.refusals().forEach(this::takeUp);
  }

  /** Unless it was, and nothing else would follow today. */
  private void takeUp(DriftSignal signal) {
    if (isServedHere(signal.served())
        && (!isSaid(signal.served(), event -> isDriftOf(event, signal.metric()))
            || canBeDoneNow(signal))
        && isServedInTheStore(signal.served())) {
      signal(signal);
    }
  }

  private boolean isServedHere(Served served) {
    return registry.list(served.id().tenant()).stream()
        .filter(now -> now.id().equals(served.id()))
        .anyMatch(now -> GovernorPolicy.served(served, now).isPresent());
  }

  private static boolean isDriftOf(GovernorEvent event, String metric) {
    return event.signal().level() == DriftLevel.DRIFT && event.signal().metric().equals(metric);
  }

  /**
   * There had been too many changes when it was told, or it was acted upon then, and the revision
   * is served once more.
   */
  private boolean canBeDoneNow(DriftSignal signal) {
    boolean wasDone =
        history
            .last(signal.served(), event -> isDriftOf(event, signal.metric()))
            .filter(event -> event.outcome() == Outcome.DONE)
            .isPresent();
    List<Instant> changes = history.changes(signal.served().id());
    if (!wasDone
        || GovernorPolicy.lately(changes, settings, clock.instant()) >= settings.actionsMax()) {
      return false;
    }
    try {
      return decide(signal, registry.newest(signal.served().id())).action().changes();
    } catch (TrimtabException e) {
      LOG.log(
          System.Logger.Level.DEBUG,
          "The drift of {0} is left: {1}",
          signal.served(),
          e.getMessage());
      return false;
    }
  }

  /** Another process may have changed that, and what it has made cannot be loaded here yet. */
  private boolean isServedInTheStore(Served served) {
    try {
      return GovernorPolicy.served(served, registry.newest(served.id())).isPresent();
    } catch (TrimtabException e) {
      LOG.log(System.Logger.Level.DEBUG, "The drift of {0} is left: {1}", served, e.getMessage());
      return false;
    }
  }

  /**
   * Whether the latest event of a kind needs no other: it will hold, or is not old yet. Nothing was
   * done about what was not served, and it may be served again.
   */
  private boolean isSaid(Served served, Predicate<GovernorEvent> kind) {
    return history
        .last(served, kind)
        .filter(
            event ->
                switch (event.outcome()) {
                  case DONE ->
                      event.action() != GovernorAction.PROMOTE
                          && event.action() != GovernorAction.NONE;
                  case ADVISED -> settings.mode() == Mode.ADVISE;
                  case NOT_DONE ->
                      Duration.between(event.time(), clock.instant()).abs().compareTo(AGAIN) < 0;
                })
        .isPresent();
  }

  private DriftSignal standing(WatchReport report, WatchReport.Metric metric) {
    return new DriftSignal(
        clock.instant(),
        report.served(),
        metric.key(),
        DriftLevel.DRIFT,
        metric.evidence(),
        metric.threshold(),
        metric.excess(),
        Cause.MODEL,
        report.answers(),
        String.format(
            Locale.ROOT,
            "base %.3f, tuned %.3f on average of %d answers read; it has drifted and is still served",
            metric.base(),
            metric.tuned(),
            report.answers()));
  }

  private void act(DriftSignal signal) {
    AdapterSnapshot now;
    Decision decision;
    try {
      // Not taken: what is served here moves once it is loaded, and a change takes it by itself.
      now = registry.newest(signal.served().id());
      decision = decide(signal, now);
    } catch (TrimtabException e) {
      Outcome outcome = e.code() == ErrorCode.NOT_FOUND ? Outcome.DONE : Outcome.NOT_DONE;
      record(signal, GovernorAction.NONE, outcome, 0, String.valueOf(e.getMessage()));
      return;
    }
    perform(signal, decision, now);
    if (decision.action() == GovernorAction.WARN && signal.cause() != Cause.MODEL) {
      // What live answers cannot tell apart, questions with known answers can.
      probing.order(signal.served());
    }
  }

  private Decision decide(DriftSignal signal, AdapterSnapshot now) {
    OptionalLong overruled =
        signal.level() == DriftLevel.DRIFT
                && GovernorPolicy.served(signal.served(), now).isPresent()
            ? overruling.version(now, signal.served().revision())
            : OptionalLong.empty();
    return GovernorPolicy.decide(
        signal, now, overruled, history.changes(now.id()), settings, clock.instant());
  }

  private void perform(DriftSignal signal, Decision decision, AdapterSnapshot now) {
    if (settings.mode() == Mode.ADVISE && decision.action().changes()) {
      record(signal, decision.action(), Outcome.ADVISED, 0, decision.reason());
      return;
    }
    long version;
    try {
      version = changed(signal.served(), decision, now).map(AdapterSnapshot::version).orElse(0L);
    } catch (RuntimeException e) {
      String why = e instanceof TrimtabException ? String.valueOf(e.getMessage()) : e.toString();
      record(
          signal,
          decision.action(),
          Outcome.NOT_DONE,
          0,
          "%s; not done: %s".formatted(decision.reason(), why));
      return;
    }
    record(signal, decision.action(), Outcome.DONE, version, decision.reason());
    switch (decision.action()) {
      case ROLLBACK, QUARANTINE -> retrain(signal);
      case NONE, WARN, DAMP, RETRAIN, PROMOTE, WITHDRAW -> {}
    }
  }

  private Optional<AdapterSnapshot> changed(Served served, Decision decision, AdapterSnapshot now) {
    AdapterId id = served.id();
    String reason = words(AdapterSnapshot.Change.BY_GOVERNOR + decision.reason());
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

  /** As much of a reason as every version can keep; the event has all of it. */
  private static String words(String reason) {
    if (reason.length() <= REASON_MAX) {
      return reason;
    }
    int end =
        Character.isHighSurrogate(reason.charAt(REASON_MAX - 1)) ? REASON_MAX - 1 : REASON_MAX;
    return reason.substring(0, end) + " ...";
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
