package io.trimtab.study;

import io.trimtab.adaptation.gate.EvaluationItem;
import io.trimtab.adaptation.gate.EvaluationSet;
import io.trimtab.adaptation.gate.Evidence;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adaptation.gate.PairedOutcome;
import io.trimtab.adaptation.gate.Scores;
import io.trimtab.adapter.GateReport.Check;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.study.lab.CandidateData;
import io.trimtab.study.lab.CaptionBias;
import io.trimtab.study.lab.EvaluationSets;
import io.trimtab.study.lab.Lab;
import io.trimtab.study.lab.Lab.Trained;
import io.trimtab.study.lab.ScaledDelta;
import io.trimtab.study.lab.VqaExample;
import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StageRecord.Answers;
import io.trimtab.study.plan.StageRecord.Bias;
import io.trimtab.study.plan.StudyRun;
import io.trimtab.study.plan.StudyScale;
import io.trimtab.study.plan.Variant;
import io.trimtab.tuning.job.DiskSteps;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Tunes and measures with a {@link Lab}, as a server would. */
final class LabStageRunner implements StageRunner {
  /** Far from the seeds of the evaluation sets. */
  private static final long EXAMPLE_SEED = 8_100;

  private final Lab lab;
  private final Path folder;
  private final StudyScale scale;
  private final List<List<ChatMessage>> captions;

  /**
   * @param folder of the study
   */
  LabStageRunner(Lab lab, Path folder, StudyScale scale) {
    this.lab = lab;
    this.folder = folder;
    this.scale = scale;
    this.captions = EvaluationSets.captions(scale.captions());
  }

  /** What a sequence goes on from; the delta may be any where the scale is 0. */
  private record State(Path delta, float scale) {}

  @Override
  public StageRecord run(StudyRun run, List<Skill> skills, Optional<StageRecord> before)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    Skill skill = skills.getLast();
    String name = run.stageName(skills.size(), skill);
    CandidateData data = data(run, skill);
    Optional<Path> startFrom = startFrom(before);
    Trained trained = lab.train(name, data, run.setup(skills.size(), scale, startFrom), jobs());
    JobFolder job = JobFolder.open(jobs().resolve(name));
    float taken = 0;
    String refusal = trained.refusal().isEmpty() ? "" : "the trainer: " + trained.refusal();
    if (refusal.isEmpty() && run.variant() == Variant.GATED) {
      Judgement judgement = lab.judge(trained.delta(), name, data);
      taken = judgement.passed() ? judgement.scale() : 0;
      refusal = refusals(judgement);
    } else if (refusal.isEmpty()) {
      taken = 1;
    }
    if (taken > 0) {
      keep(trained.delta(), name);
    }
    State state =
        taken > 0
            ? new State(deltas().resolve(name), taken)
            : before
                .filter(record -> !record.delta().isEmpty())
                .map(record -> new State(folder.resolve(record.delta()), record.scale()))
                .orElse(new State(any(job), 0));
    EvaluationSet set = EvaluationSets.of(skills, scale.skillQuestions(), scale.keptQuestions());
    Evidence evidence = lab.evaluate(state.delta(), state.scale(), set);
    int steps = job.outcome().map(outcome -> outcome.steps()).orElse(0);
    List<Bias> bias = bias(run, job, before, state, steps);
    return new StageRecord(
        run.model(),
        run.recipe().wireName(),
        run.form().toString(),
        run.variant().toString(),
        run.seed(),
        skills.size(),
        skill.task(),
        steps,
        trained.seconds(),
        (System.nanoTime() - began) / 1e9,
        taken > 0,
        state.scale(),
        refusal,
        state.scale() > 0 ? folder.relativize(state.delta()).toString() : "",
        kl(evidence, skill),
        answers(set.validation(), evidence.validation()),
        answers(set.probes(), evidence.probes()),
        bias);
  }

  private Path jobs() {
    return folder.resolve("jobs");
  }

  private Path deltas() {
    return folder.resolve("deltas");
  }

  /** The gate asks for examples that were held back; where there is none, all are trained on. */
  private CandidateData data(StudyRun run, Skill skill) {
    List<VqaExample> examples =
        VqaExample.of(World.skillExamples(skill, EXAMPLE_SEED + run.seed(), scale.examples()));
    return switch (run.variant()) {
      case GATED -> CandidateData.of(examples);
      case PLAIN, REHEARSAL, LWF, WISE_FT -> new CandidateData(examples, List.of(), List.of());
    };
  }

  /** The delta as the last stage left it, at the scale that the gate let it pass. */
  private Optional<Path> startFrom(Optional<StageRecord> before) throws IOException {
    if (before.isEmpty() || before.get().delta().isEmpty()) {
      return Optional.empty();
    }
    StageRecord record = before.get();
    Path delta = folder.resolve(record.delta());
    return Optional.of(record.scale() == 1 ? delta : ScaledDelta.of(delta, record.scale()));
  }

  private void keep(Path delta, String name) throws IOException {
    Path whole = deltas().resolve(name);
    Path part = DiskSteps.part(whole);
    DiskSteps.REAL.delete(part);
    Files.createDirectories(part);
    ScaledDelta.copy(delta, part);
    DiskSteps.REAL.publish(part, whole);
  }

  /** Any delta of a job: at scale 0 it is base. */
  private Path any(JobFolder job) {
    return Files.isDirectory(job.delta()) ? job.delta() : job.deltaAt(1);
  }

  private List<Bias> bias(
      StudyRun run, JobFolder job, Optional<StageRecord> before, State state, int steps)
      throws InterruptedException {
    List<Bias> bias = new ArrayList<>();
    if (before.isPresent()) {
      Bias end = before.get().biasAtEnd();
      bias.add(new Bias(0, end.mean(), end.max()));
    } else {
      bias.add(bias(0, any(job), 0));
    }
    for (int step : StudyRun.biasSteps(scale.steps())) {
      if (Files.isDirectory(job.deltaAt(step))) {
        bias.add(bias(step, job.deltaAt(step), 1));
      }
    }
    bias.add(bias(steps, state.delta(), state.scale()));
    return bias;
  }

  private Bias bias(int step, Path delta, float scale) throws InterruptedException {
    CaptionBias.Masses masses = lab.captionBias(delta, scale, captions);
    return new Bias(step, masses.mean(), masses.max());
  }

  private static double kl(Evidence evidence, Skill skill) {
    return evidence.validation().stream()
        .filter(outcome -> outcome.task().equals(skill.task()))
        .flatMap(outcome -> outcome.scores().stream())
        .mapToDouble(Scores::kl)
        .average()
        .orElse(Double.NaN);
  }

  /** A question without an outcome was answered wrongly. */
  private static Map<String, Answers> answers(
      List<EvaluationItem> items, List<PairedOutcome> outcomes) {
    Map<String, PairedOutcome> byId = new HashMap<>();
    outcomes.forEach(outcome -> byId.put(outcome.id(), outcome));
    Map<String, StringBuilder> base = new TreeMap<>();
    Map<String, StringBuilder> tuned = new TreeMap<>();
    for (EvaluationItem item : items) {
      Optional<PairedOutcome> outcome = Optional.ofNullable(byId.get(item.id()));
      base.computeIfAbsent(item.task(), _ -> new StringBuilder())
          .append(outcome.filter(PairedOutcome::baseIsRight).isPresent() ? '1' : '0');
      tuned
          .computeIfAbsent(item.task(), _ -> new StringBuilder())
          .append(outcome.filter(PairedOutcome::tunedIsRight).isPresent() ? '1' : '0');
    }
    Map<String, Answers> answers = new TreeMap<>();
    base.forEach(
        (task, right) ->
            answers.put(
                task,
                new Answers(right.toString(), Objects.requireNonNull(tuned.get(task)).toString())));
    return answers;
  }

  private static String refusals(Judgement judgement) {
    return judgement.passed()
        ? ""
        : judgement.report().checks().stream()
            .filter(check -> check.verdict() == Verdict.REFUSED)
            .map(Check::name)
            .filter(name -> !name.equals("scale"))
            .collect(Collectors.joining(", "));
  }

  @Override
  public void recorded(StageRecord record) throws IOException {
    DiskSteps.REAL.delete(jobs().resolve(record.name()));
  }

  @Override
  public void close() {
    lab.close();
  }
}
