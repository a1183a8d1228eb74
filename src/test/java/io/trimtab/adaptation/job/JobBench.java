package io.trimtab.adaptation.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.UploadLimits;
import io.trimtab.adaptation.feedback.Conversations;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.adaptation.feedback.FeedbackSweep;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.adaptation.feedback.TriggerSettings;
import io.trimtab.adaptation.gate.Envelope;
import io.trimtab.adaptation.gate.EvaluationSet;
import io.trimtab.adaptation.gate.Judge;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adaptation.gate.JudgementListener;
import io.trimtab.adaptation.probes.Probe;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.store.ObjectStore;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.FakeEngine;
import io.trimtab.testing.Shared;
import io.trimtab.testing.TurnedClock;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.TrainingSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * All of the loop behind the topic in one process, with a trainer, a judge and an engine that play
 * scripts. Another one over the same store is another process, with a folder of its own.
 */
final class JobBench {
  static final AdapterId BIRDS = new AdapterId("acme", "birds");
  static final AdapterId CLOCKS = new AdapterId("acme", "clocks");

  /** So many that some are for each of training, validation and gate. */
  static final int EXAMPLES = 20;

  static final int GATE_MIN = 3;

  /** Looks often, since nothing here takes its time, and waits for nothing. */
  static final JobPace QUICK =
      new JobPace(
          Duration.ofMinutes(3),
          Duration.ofMillis(5),
          Duration.ofSeconds(30),
          Duration.ofMillis(1),
          4);

  /** The lease is never looked at but between the steps. */
  static final JobPace STALLED =
      new JobPace(
          Duration.ofMinutes(3),
          Duration.ofHours(1),
          Duration.ofSeconds(30),
          Duration.ofMillis(1),
          4);

  static final TriggerSettings TRIGGERS =
      new TriggerSettings(
          EXAMPLES,
          Duration.ZERO,
          Duration.ofDays(1),
          1,
          Duration.ofMinutes(10),
          Duration.ofDays(1));

  /** Large enough that no test meets them. */
  static final AdapterLimits LIMITS = new AdapterLimits(16, 8 << 10, 256 << 10, 9, 9);

  private static final Path CHECKPOINT = Shared.path("reference/llava-onevision");
  private static final Duration TICK = Duration.ofSeconds(1);

  final TurnedClock clock;
  final FakeEngine engine = FakeEngine.answering("A tit");
  final AdapterRegistry registry;
  final TenantPictures pictures;
  final Conversations conversations;
  final Predictions predictions;
  final ExampleStore examples;
  final TuningJobs jobs;
  final TriggerWatch triggers;
  final ScriptedTrainer trainer = new ScriptedTrainer();
  final JobFolders folders;
  final AdapterDeletion deletion;
  final FeedbackSweep pictureSweep;

  /** Told of every change of a job that this process sees. */
  final List<Consumer<TuningJob>> listeners = new CopyOnWriteArrayList<>();

  private final ObjectStore store;
  private final String process;
  private final PeftReader reader;
  private final AdapterPublisher publisher;
  private ProbeSet probes = ProbeSet.none();
  private Judge judge = (tenant, candidate, set, listener) -> judgement(Verdict.PASSED);

  /**
   * @param process its name, and that of its folder below the root
   */
  JobBench(ObjectStore store, TurnedClock clock, Path root, String process) {
    this.store = store;
    this.clock = clock;
    this.process = process;
    this.registry = AdapterRegistry.open(store, LIMITS, clock);
    this.pictures = new TenantPictures(store, 1 << 20, clock);
    this.conversations = new Conversations(pictures);
    this.predictions = Predictions.open(store, pictures, PredictionLimits.defaults(), clock);
    this.examples =
        ExampleStore.open(store, registry, pictures, predictions, FeedbackLimits.defaults(), clock);
    this.jobs =
        TuningJobs.open(
            store,
            clock,
            registry::lastDeleted,
            job -> listeners.forEach(each -> each.accept(job)));
    this.triggers = new TriggerWatch(examples, jobs, registry, TRIGGERS, clock);
    this.folders = new JobFolders(root.resolve(process));
    this.deletion = new AdapterDeletion(registry, jobs, examples, predictions);
    this.pictureSweep = new FeedbackSweep(predictions, examples, pictures, Optional::empty);
    try (Checkpoint checkpoint = Checkpoint.open(CHECKPOINT)) {
      this.reader = new PeftReader(checkpoint.config(), LIMITS);
    }
    this.publisher =
        new AdapterPublisher(engine, reader, store, registry, LIMITS, UploadLimits.defaults());
  }

  /** What is rehearsed by runners that are made from now on. */
  void rehearse(List<Probe> rehearsal) {
    probes = new ProbeSet(List.of(), rehearsal);
  }

  void judge(Judge next) {
    judge = next;
  }

  JobRunner runner(JobPace pace) {
    return new JobRunner(
        jobs,
        new JobAttempt.Means(
            engine,
            examples,
            new JobData(engine, conversations, probes, probes.rehearsal().size()),
            new JobTraining(
                jobs, trainer, new TrainingThrottle(engine, TrainingThrottle.Limits.DEFAULT)),
            reader,
            this::judged,
            publisher,
            defaults(),
            folders,
            clock),
        process,
        pace);
  }

  /** Not started. */
  TuningScheduler scheduler() {
    return new TuningScheduler(jobs, examples, triggers, runner(QUICK), Recipe.SA_PROJ);
  }

  /** Not started; one that looks for other processes' examples so seldom. */
  TuningScheduler scheduler(Duration examplesLook) {
    return new TuningScheduler(
        jobs, examples, triggers, runner(QUICK), Recipe.SA_PROJ, examplesLook);
  }

  private Judgement judged(
      String tenant, PeftAdapter candidate, EvaluationSet set, JudgementListener listener)
      throws InterruptedException {
    return judge.judge(tenant, candidate, set, listener);
  }

  private TuningDefaults defaults() {
    return new TuningDefaults(
        CHECKPOINT.toAbsolutePath(),
        RotaryFrequencies.FLOAT32,
        folders.root(),
        Recipe.SA_PROJ,
        new LoraSettings(8, 16, false, LoraSettings.Rank.LOW),
        new TrainingSettings(3e-3, 0, 1, 20, 8, 8, 0.1, 5, 10, 3, 1),
        new RehearsalSettings(0.5, 3, 1),
        0,
        "cpu",
        1,
        GATE_MIN);
  }

  /** Enough corrections, and a job for them. */
  TuningJob queued(AdapterId adapter) {
    correct(adapter, "first", EXAMPLES);
    return start(adapter);
  }

  TuningJob start(AdapterId adapter) {
    clock.turn(TICK);
    TuningJob job = jobs.start(adapter, "sa-proj", TriggerReason.EXAMPLES);
    clock.turn(TICK);
    return job;
  }

  /** Corrections whose ids begin so, a second after all that was. */
  void correct(AdapterId adapter, String ids, int count) {
    clock.turn(TICK);
    for (int i = 0; i < count; i++) {
      assertThat(examples.accept(feedback(adapter, adapter.name() + "-" + ids + "-" + i, i)))
          .isInstanceOf(FeedbackOutcome.Kept.class);
    }
    clock.turn(TICK);
  }

  static Feedback feedback(AdapterId adapter, String id, int picture) {
    return new Feedback(
        id,
        adapter,
        Optional.empty(),
        asking(picture),
        "A tit",
        "A robin",
        OptionalDouble.empty(),
        List.of());
  }

  static List<ChatMessage> asking(int picture) {
    return List.of(
        new ChatMessage(
            Role.USER,
            List.of(
                new PicturePart(DrawnPictures.png(picture)), new TextPart("What bird is it?"))));
  }

  /** As the store has it, whoever wrote it. */
  TuningJob now(TuningJob job) {
    return TuningJobs.open(store, clock, _ -> {}).get(job.adapter().tenant(), job.id());
  }

  /** As the store has them; none where there is no adapter. */
  List<Revision> revisions(AdapterId adapter) {
    return AdapterRegistry.open(store, LIMITS, clock).list(adapter.tenant()).stream()
        .filter(each -> each.id().equals(adapter))
        .flatMap(each -> each.revisions().stream())
        .toList();
  }

  static Judgement judgement(Verdict verdict) {
    Envelope.Moments none = new Envelope.Moments(0, 0, 0);
    Envelope.Side nothing = new Envelope.Side(0, none, none, none, Map.of());
    return new Judgement(
        1, new GateReport(verdict, List.of()), new Envelope(1, nothing, nothing, List.of()));
  }
}
