package io.trimtab.adaptation.governor;

import io.trimtab.adaptation.gate.EvaluationItem;
import io.trimtab.adaptation.gate.EvaluationSet;
import io.trimtab.adaptation.gate.Evaluator;
import io.trimtab.adaptation.gate.Evidence;
import io.trimtab.adaptation.gate.Gate;
import io.trimtab.adaptation.gate.GateLimits;
import io.trimtab.adaptation.gate.PairedOutcome;
import io.trimtab.adaptation.probes.Probe;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionSource.PeftFiles;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.drift.Served;
import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.lang.foreign.Arena;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Puts the probes to a served revision, in the background, and judges what it answers. */
final class ProbeTrial {
  private final AdapterRegistry registry;
  private final InferenceEngine engine;
  private final PeftReader reader;
  private final Evaluator evaluator;
  private final EvaluationSet questions;
  private final GateLimits limits;
  private final Clock clock;

  ProbeTrial(
      AdapterRegistry registry,
      InferenceEngine engine,
      PeftReader reader,
      Evaluator evaluator,
      List<Probe> probes,
      GateLimits limits,
      Clock clock) {
    this.registry = registry;
    this.engine = engine;
    this.reader = reader;
    this.evaluator = evaluator;
    this.questions =
        new EvaluationSet(List.of(), probes.stream().map(ProbeTrial::question).toList());
    this.limits = limits;
    this.clock = clock;
  }

  private static EvaluationItem question(Probe probe) {
    return new EvaluationItem(probe.id(), probe.task(), probe.messages(), probe.answer());
  }

  /**
   * Blocks until every probe is answered.
   *
   * @throws TrimtabException where nothing is known of the revision afterwards: the files can't be
   *     read, the engine has failed or has no room, or base answers too few of the probes
   */
  ProbeRun run(Served served, Revision revision) throws InterruptedException {
    PeftFiles files = registry.files(ResolvedRevision.of(served.id(), revision));
    Evidence evidence;
    try (Arena arena = Arena.ofShared();
        CandidateModel model =
            engine.candidate(reader.read(files.config(), files.weights(), arena), served.scale())) {
      evidence = evaluator.evaluate(served.id().tenant(), model, questions, (_, _) -> {});
    }
    GateReport report =
        Gate.judgeKept(evidence, limits).orElseThrow(() -> tooFew(evidence.probes()));
    return new ProbeRun(clock.instant(), served, tasks(evidence.probes()), report);
  }

  private TrimtabException tooFew(List<PairedOutcome> answered) {
    return new TrimtabException(
        ErrorCode.FAILED_PRECONDITION,
        "Base answered %d of %d probes, %d as they say, expected %d and more to judge by"
            .formatted(
                answered.size(),
                questions.size(),
                answered.stream().filter(PairedOutcome::baseIsRight).count(),
                limits.probesMin()));
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
}
