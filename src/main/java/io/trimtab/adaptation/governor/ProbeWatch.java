package io.trimtab.adaptation.governor;

import io.trimtab.adaptation.gate.Evaluator;
import io.trimtab.adaptation.gate.GateLimits;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftListener;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.Served;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.TrimtabException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts the probes to revisions that are served, in the background: those that no gate has seen when
 * they are activated, those that live answers raise a doubt about, and every one that is active
 * from time to time. A revision whose answers would not pass the gate's checks of forgetting and
 * bias is a drift signal; a probing that came to no end is none, and is tried again after a pause.
 *
 * <p>A thread of its own from {@link #start} to {@link #close}; the rest is for any thread.
 */
public final class ProbeWatch implements Probing, ProbeOutcomes, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ProbeWatch.class.getName());
  static final int ORDERS_MAX = 1024;
  private static final Duration TICK = Duration.ofSeconds(1);

  private final AdapterRegistry registry;
  private final ProbeTrial trial;
  private final ProbeSet probes;
  private final Duration every;
  private final Clock clock;
  private final ProbeRuns runs = new ProbeRuns();
  private final BlockingQueue<Served> orders = new LinkedBlockingQueue<>(ORDERS_MAX);
  private final Thread thread;
  private volatile DriftListener listener = _ -> {};

  /** Whom the thread is asking. */
  private volatile @Nullable Served underWay;

  /**
   * @param every how long after its last run a revision that is active is probed again; zero: never
   */
  public ProbeWatch(
      AdapterRegistry registry,
      InferenceEngine engine,
      PeftReader reader,
      Evaluator evaluator,
      ProbeSet probes,
      GateLimits limits,
      Duration every,
      Clock clock) {
    this.registry = registry;
    this.trial =
        new ProbeTrial(registry, engine, reader, evaluator, probes.probes(), limits, clock);
    this.probes = probes;
    this.every = every;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("trimtab-probes").unstarted(this::serve);
  }

  /** Begins; without any probes there is nothing to do. */
  public void start(DriftListener told) {
    if (!probes.probes().isEmpty()) {
      follow(told);
      thread.start();
    }
  }

  /** Looks at what is served now, and at every change from now on. */
  void follow(DriftListener told) {
    listener = told;
    registry.watchAll(this::changed);
    registry.all().forEach(this::changed);
  }

  @Override
  public void order(Served served) {
    if (!probes.probes().isEmpty() && !orders.contains(served) && !orders.offer(served)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} revisions wait to be probed, expected fewer: {1} is left out",
          ORDERS_MAX,
          served);
    }
  }

  /** How many wait to be probed. */
  int waiting() {
    return orders.size();
  }

  @Override
  public Optional<ProbeRun> last(Served served) {
    return runs.last(served);
  }

  @Override
  public List<DriftSignal> refusals() {
    return runs.all().stream().filter(ProbeWatch::isRefused).map(ProbeWatch::signal).toList();
  }

  @Override
  public boolean awaitsFirst(Served served) {
    if (probes.probes().isEmpty() || last(served).isPresent()) {
      return false;
    }
    if (failure(served).isEmpty() && !served.equals(underWay)) {
      order(served);
    }
    return true;
  }

  @Override
  public Optional<ProbeFailure> failure(Served served) {
    return runs.failure(served);
  }

  /** What no gate has seen is probed when it is served, and at each new scale. */
  private void changed(AdapterSnapshot now) {
    served(now).stream()
        .filter(revision -> revision.gate() == null)
        .map(revision -> new Served(now.id(), revision.revision(), revision.scale()))
        .filter(served -> last(served).isEmpty() && failure(served).isEmpty())
        .forEach(this::order);
  }

  private static List<Revision> served(AdapterSnapshot now) {
    return now.revisions().stream().filter(GovernorPolicy::isServed).toList();
  }

  private void serve() {
    try {
      while (true) {
        turn(TICK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Probes what was ordered or is due, if anything is, after so long a wait at most. */
  void turn(Duration wait) throws InterruptedException {
    Served next = orders.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    Optional<Served> due = next == null ? due() : Optional.of(next);
    if (due.isPresent()) {
      underWay = due.get();
      probe(due.get());
      underWay = null;
    }
  }

  private Optional<Served> due() {
    Instant now = clock.instant();
    for (AdapterSnapshot adapter : registry.all()) {
      for (Revision revision : served(adapter)) {
        Served served = new Served(adapter.id(), revision.revision(), revision.scale());
        if (isDue(served, revision.created(), now)) {
          return Optional.of(served);
        }
      }
    }
    return Optional.empty();
  }

  /** One that was never probed was published by the gate, or has been waiting since. */
  private boolean isDue(Served served, Instant created, Instant now) {
    Optional<ProbeFailure> failure = failure(served);
    if (failure.isPresent()) {
      return isOver(failure.get().time(), failure.get().pause(), now);
    }
    return !every.isZero() && isOver(last(served).map(ProbeRun::time).orElse(created), every, now);
  }

  /** A clock that was set back by more than the span ends it too. */
  private static boolean isOver(Instant since, Duration span, Instant now) {
    return Duration.between(since, now).abs().compareTo(span) >= 0;
  }

  private void probe(Served served) throws InterruptedException {
    try {
      Optional<Revision> revision =
          registry.list(served.id().tenant()).stream()
              .filter(adapter -> adapter.id().equals(served.id()))
              .flatMap(adapter -> GovernorPolicy.served(served, adapter).stream())
              .findFirst();
      if (revision.isPresent()) {
        tell(trial.run(served, revision.get()));
      } else {
        runs.forgetFailure(served);
      }
    } catch (TrimtabException e) {
      failed(served, String.valueOf(e.getMessage()));
    } catch (RuntimeException | Error e) {
      // Whatever it is, memory that has run out too: the others are to be probed all the same.
      failed(served, e.toString());
    }
  }

  private void failed(Served served, String reason) {
    LOG.log(System.Logger.Level.WARNING, "{0} was not probed: {1}", served, reason);
    runs.failed(served, clock.instant(), reason);
  }

  private void tell(ProbeRun run) {
    boolean refused = isRefused(run);
    boolean wasRefused = last(run.served()).filter(ProbeWatch::isRefused).isPresent();
    runs.ran(run);
    if (refused != wasRefused) {
      listener.signal(signal(run));
    }
  }

  private static DriftSignal signal(ProbeRun run) {
    boolean refused = isRefused(run);
    List<String> refusals =
        run.report().checks().stream()
            .filter(check -> check.verdict() == Verdict.REFUSED)
            .map(GateReport.Check::detail)
            .toList();
    return new DriftSignal(
        run.time(),
        run.served(),
        GovernorPolicy.PROBES,
        refused ? DriftLevel.DRIFT : DriftLevel.STABLE,
        refusals.size(),
        1,
        0,
        Cause.MODEL,
        run.tasks().stream().mapToLong(ProbeRun.Task::probes).sum(),
        refused ? String.join("; ", refusals) : "the probes pass again");
  }

  private static boolean isRefused(ProbeRun run) {
    return run.report().verdict() == Verdict.REFUSED;
  }

  /** An interrupt ends the requests at work. */
  @Override
  public void close() {
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    thread.interrupt();
    try {
      var _ = thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
