package io.trimtab.app;

import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.UploadLimits;
import io.trimtab.adaptation.feedback.Conversations;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adaptation.feedback.TriggerSettings;
import io.trimtab.adaptation.gate.CandidateJudge;
import io.trimtab.adaptation.gate.EvaluationSettings;
import io.trimtab.adaptation.gate.Evaluator;
import io.trimtab.adaptation.gate.Judge;
import io.trimtab.adaptation.gate.JudgeSettings;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adaptation.job.JobData;
import io.trimtab.adaptation.job.JobRunner;
import io.trimtab.adaptation.job.TrainingThrottle;
import io.trimtab.adaptation.job.TriggerWatch;
import io.trimtab.adaptation.job.TuningDefaults;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adaptation.job.TuningScheduler;
import io.trimtab.adaptation.probes.ProbeFolder;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.events.EventLimits;
import io.trimtab.events.EventSettings;
import io.trimtab.events.Events;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.store.FileObjectStore;
import io.trimtab.testing.Shared;
import io.trimtab.tuning.TuningProcess;
import io.trimtab.tuning.TuningProcessOptions;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.TrainingSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The program that {@link KilledAnywhereTest} kills: the whole loop from Kafka to a published
 * revision, with a trainer of its own, without the edges. Jobs are short. The gate evaluates as
 * ever; its verdict is PASSED whatever it found, so that publishing is reached.
 */
final class LoopUnderKill {
  static final String MODEL = "models/dinghy-qwen";
  static final int EXAMPLES = 30;

  private LoopUnderKill() {}

  /**
   * Arguments: data folder, probes' folder, the broker's {@code host:port}, folder of what may be
   * shared by all runs.
   */
  public static void main(String[] arguments) throws Exception {
    Path data = Path.of(arguments[0]);
    ProbeSet probes = ProbeFolder.read(Path.of(arguments[1]));
    Path shared = Path.of(arguments[3]);
    Clock clock = Clock.systemUTC();
    FileObjectStore store = FileObjectStore.open(data.resolve("store"));
    AdapterRegistry registry = AdapterRegistry.open(store, AdapterLimits.defaults(), clock);
    TenantPictures pictures = new TenantPictures(store, 1 << 20);
    Predictions predictions = Predictions.open(store, pictures, PredictionLimits.defaults(), clock);
    ExampleStore examples =
        ExampleStore.open(store, registry, pictures, predictions, FeedbackLimits.defaults(), clock);
    Engine engine =
        Engine.open(
            ModelSelection.of(Shared.path(MODEL), shared),
            EngineOptions.defaults(),
            registry,
            clock,
            WriteProgress.silent());
    engine.start();
    Events events = Events.start(settings(arguments[2]), data, pictures, clock);
    TuningJobs jobs = TuningJobs.open(store, clock, _ -> {});
    PeftReader reader;
    try (Checkpoint checkpoint = Checkpoint.open(Shared.path(MODEL))) {
      reader = new PeftReader(checkpoint.config(), AdapterLimits.defaults());
    }
    TuningDefaults defaults = defaults(data);
    TrainingThrottle throttle = new TrainingThrottle(engine, TrainingThrottle.Limits.DEFAULT);
    TuningScheduler scheduler =
        new TuningScheduler(
            jobs,
            examples,
            new TriggerWatch(examples, jobs, registry, triggers(), clock),
            new JobRunner(
                jobs,
                engine,
                examples,
                new JobData(engine, new Conversations(pictures), probes, defaults.rehearsalMax()),
                new TuningProcess(
                    new TuningProcessOptions(
                        shared.resolve("torch").toAbsolutePath(),
                        512L << 20,
                        Collections.nCopies(5, Duration.ofMillis(100)),
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(5))),
                throttle,
                reader,
                lenient(engine),
                new AdapterPublisher(
                    engine,
                    reader,
                    store,
                    registry,
                    AdapterLimits.defaults(),
                    UploadLimits.defaults()),
                defaults,
                "the-server",
                clock),
            Recipe.SA_PROJ);
    throttle.start();
    scheduler.start();
    events.consume(examples, scheduler::wake);
    System.out.println("ready");
    Thread.sleep(Duration.ofMinutes(20));
  }

  static EventSettings settings(String bootstrapServers) {
    return new EventSettings(
        bootstrapServers,
        0,
        "trimtab",
        2,
        (short) 1,
        "trimtab",
        "/test",
        Map.of(),
        EventLimits.defaults());
  }

  private static TriggerSettings triggers() {
    return new TriggerSettings(
        EXAMPLES,
        Duration.ofSeconds(1),
        Duration.ofSeconds(20),
        1,
        Duration.ZERO,
        Duration.ofSeconds(1));
  }

  private static TuningDefaults defaults(Path data) {
    return new TuningDefaults(
        Shared.path(MODEL).toAbsolutePath(),
        RotaryFrequencies.FLOAT32,
        data.resolve("jobs").toAbsolutePath(),
        Recipe.SA_PROJ,
        new LoraSettings(8, 16, false, LoraSettings.Rank.LOW),
        new TrainingSettings(3e-3, 0, 1, 20, 8, 8, 0.1, 5, 10, 3, 1),
        new RehearsalSettings(0.5, 3, 1),
        20,
        "cpu",
        1,
        JudgeSettings.defaults().limits().validationMin());
  }

  private static Judge lenient(Engine engine) {
    Judge judge =
        new CandidateJudge(
            engine,
            new Evaluator(engine, EvaluationSettings.defaults()),
            new JudgeSettings(JudgeSettings.defaults().limits(), List.of(1f)));
    return (tenant, candidate, set, listener) -> {
      Judgement judged = judge.judge(tenant, candidate, set, listener);
      return new Judgement(
          1,
          new GateReport(GateReport.Verdict.PASSED, judged.report().checks()),
          judged.envelope());
    };
  }
}
