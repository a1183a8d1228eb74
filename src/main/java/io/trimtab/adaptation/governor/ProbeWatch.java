package io.trimtab.adaptation.governor;

import io.trimtab.adaptation.gate.EvaluationItem;
import io.trimtab.adaptation.gate.EvaluationSet;
import io.trimtab.adaptation.gate.Evaluator;
import io.trimtab.adaptation.gate.Evidence;
import io.trimtab.adaptation.gate.Gate;
import io.trimtab.adaptation.gate.GateLimits;
import io.trimtab.adaptation.gate.PairedOutcome;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.AdapterSnapshot;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.PeftReader;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionSource.PeftFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftListener;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.Served;
import io.trimtab.engine.CandidateModel;
import io.trimtab.engine.InferenceEngine;
import io.trimtab.error.TrimtabException;
import java.lang.foreign.Arena;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Puts the probes to revisions that are served, in the background: those that no gate has seen when
 * they are activated, those that live answers raise a doubt about, and every one that is active
 * from time to time. A revision whose answers would not pass the gate's checks of forgetting and
 * bias is a drift signal.
 *
 * <p>A thread of its own from {@link #start} to {@link #close}; the rest is for any thread.
 */
public final class ProbeWatch implements Probing, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ProbeWatch.class.getName());
  private static final int ORDERS_MAX = 1024;
  private static final int RUNS_MAX = 16_384;
  private static final Duration TICK = Duration.ofSeconds(1);

  private final AdapterRegistry registry;
  private final InferenceEngine engine;
  private final PeftReader reader;
  private final Evaluator evaluator;
  private final ProbeSet probes;
  private final GateLimits limits;
  private final Duration every;
  private final Clock clock;
  private final BlockingQueue<Served> orders = new LinkedBlockingQueue<>(ORDERS_MAX);
  private final Thread thread;

  /** The latest of each; the monitor guards it. */
  private final Map<Served, ProbeRun> runs =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Served, ProbeRun> eldest) {
          return size() > RUNS_MAX;
        }
      };

  private volatile DriftListener listener = _ -> {};

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
    this.engine = engine;
    this.reader = reader;
    this.evaluator = evaluator;
    this.probes = probes;
    this.limits = limits;
    this.every = every;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("trimtab-probes").unstarted(this::serve);
  }

  /** Begins; without any probes there is nothing to do. */
  public void start(DriftListener told) {
    listener = told;
    if (!probes.probes().isEmpty()) {
      registry.watchAll(this::changed);
      thread.start();
    }
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

  /** What a served revision answered last. */
  public synchronized Optional<ProbeRun> last(Served served) {
    return Optional.ofNullable(runs.get(served));
  }

  /** What no gate has seen is probed when it is served, and at each new scale. */
  private void changed(AdapterSnapshot now) {
    served(now).stream()
        .filter(revision -> revision.gate() == null)
        .map(revision -> new Served(now.id(), revision.revision(), revision.scale()))
        .filter(served -> last(served).isEmpty())
        .forEach(this::order);
  }

  private static List<Revision> served(AdapterSnapshot now) {
    return now.revisions().stream()
        .filter(
            each -> each.state() == RevisionState.ACTIVE || each.state() == RevisionState.CANARY)
        .toList();
  }

  private void serve() {
    try {
      while (true) {
        Served next = orders.poll(TICK.toMillis(), TimeUnit.MILLISECONDS);
        Optional<Served> due = next == null ? due() : Optional.of(next);
        if (due.isPresent()) {
          probe(due.get());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Of those that were probed, or published by a gate, the first whose time has come. */
  private Optional<Served> due() {
    if (every.isZero()) {
      return Optional.empty();
    }
    Instant before = clock.instant().minus(every);
    for (AdapterSnapshot now : registry.all()) {
      for (Revision revision : served(now)) {
        Served served = new Served(now.id(), revision.revision(), revision.scale());
        Instant last = last(served).map(ProbeRun::time).orElse(revision.created());
        if (last.isBefore(before)) {
          return Optional.of(served);
        }
      }
    }
    return Optional.empty();
  }

  private void probe(Served served) throws InterruptedException {
    try {
      Optional<Revision> revision =
          served(registry.get(served.id())).stream()
              .filter(each -> each.revision() == served.revision())
              .filter(each -> each.scale() == served.scale())
              .findFirst();
      if (revision.isPresent()) {
        tell(run(served, revision.get()));
      }
    } catch (TrimtabException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The probes were not put to %s: %s".formatted(served, e.getMessage()));
      remember(
          new ProbeRun(
              clock.instant(), served, List.of(), new GateReport(Verdict.PASSED, List.of())));
    }
  }

  private ProbeRun run(Served served, Revision revision) throws InterruptedException {
    PeftFiles files = registry.files(ResolvedRevision.of(served.id(), revision));
    try (Arena arena = Arena.ofShared();
        CandidateModel model =
            engine.candidate(reader.read(files.config(), files.weights(), arena), served.scale())) {
      Evidence evidence =
          evaluator.evaluate(
              served.id().tenant(), model, new EvaluationSet(List.of(), items()), (_, _) -> {});
      return new ProbeRun(
          clock.instant(), served, tasks(evidence.probes()), Gate.judgeKept(evidence, limits));
    }
  }

  private List<EvaluationItem> items() {
    return probes.probes().stream()
        .map(
            probe -> new EvaluationItem(probe.id(), probe.task(), probe.messages(), probe.answer()))
        .toList();
  }

  private static List<ProbeRun.Task> tasks(List<PairedOutcome> outcomes) {
    Map<String, List<PairedOutcome>> byTask =
        outcomes.stream()
            .collect(Collectors.groupingBy(PairedOutcome::task, TreeMap::new, Collectors.toList()));
    List<ProbeRun.Task> tasks = new ArrayList<>();
    byTask.forEach(
        (task, of) ->
            tasks.add(
                new ProbeRun.Task(
                    task,
                    of.size(),
                    of.stream().filter(PairedOutcome::baseIsRight).count() / (double) of.size(),
                    of.stream().filter(PairedOutcome::tunedIsRight).count() / (double) of.size())));
    return tasks;
  }

  private void tell(ProbeRun run) {
    Optional<ProbeRun> before = last(run.served());
    remember(run);
    boolean refused = run.report().verdict() == Verdict.REFUSED;
    boolean wasRefused =
        before.filter(earlier -> earlier.report().verdict() == Verdict.REFUSED).isPresent();
    if (refused == wasRefused) {
      return;
    }
    listener.signal(
        new DriftSignal(
            run.time(),
            run.served(),
            GovernorPolicy.PROBES,
            refused ? DriftLevel.DRIFT : DriftLevel.STABLE,
            refusals(run).size(),
            1,
            0,
            Cause.MODEL,
            run.tasks().stream().mapToLong(ProbeRun.Task::probes).sum(),
            refused ? String.join("; ", refusals(run)) : "the probes pass again"));
  }

  private static List<String> refusals(ProbeRun run) {
    return run.report().checks().stream()
        .filter(check -> check.verdict() == Verdict.REFUSED)
        .map(GateReport.Check::detail)
        .toList();
  }

  private synchronized void remember(ProbeRun run) {
    runs.put(run.served(), run);
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      var _ = thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
