package io.trimtab.app;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.feedback.Conversations;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adaptation.feedback.TriggerSettings;
import io.trimtab.adaptation.gate.CandidateJudge;
import io.trimtab.adaptation.gate.EvaluationSettings;
import io.trimtab.adaptation.gate.Evaluator;
import io.trimtab.adaptation.gate.GateLimits;
import io.trimtab.adaptation.gate.Judge;
import io.trimtab.adaptation.gate.JudgeSettings;
import io.trimtab.adaptation.job.AdapterDeletion;
import io.trimtab.adaptation.job.JobData;
import io.trimtab.adaptation.job.JobRunner;
import io.trimtab.adaptation.job.TrainingThrottle;
import io.trimtab.adaptation.job.TriggerWatch;
import io.trimtab.adaptation.job.TuningDefaults;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adaptation.job.TuningScheduler;
import io.trimtab.adaptation.probes.ProbeFolder;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.drift.Quantities;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.TrimtabException;
import io.trimtab.events.Events;
import io.trimtab.model.BundledModel;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.DataFolder;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.serving.feedback.TuningNeeds;
import io.trimtab.serving.tracing.Tracing;
import io.trimtab.store.ObjectStore;
import io.trimtab.tuning.TuningProcess;
import io.trimtab.tuning.TuningProcessOptions;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.Trainer;
import io.trimtab.tuning.job.TrainingSettings;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.jboss.logging.Logger;

/** The loop from examples to revisions: when a job begins, who trains it, who judges it. */
@Singleton
class TuningWiring {
  private static final Logger LOG = Logger.getLogger(TuningWiring.class);

  /** Opening a large checkpoint is the longest that a trainer has nothing to say. */
  private static final Duration SILENCE_MAX = Duration.ofMinutes(10);

  private static final Duration STOP_GRACE = Duration.ofSeconds(20);

  @Produces
  @Singleton
  TuningJobs jobs(
      ObjectStore store,
      AdapterRegistry registry,
      Provider<Events> events,
      Tracing tracing,
      Provider<ProcessName> process) {
    return TuningJobs.open(
        store,
        Clock.systemUTC(),
        registry::lastDeleted,
        tracing
            .jobs(() -> process.get().toString())
            .andThen(new JobTelling(() -> events.get().tuningEvents())));
  }

  @Produces
  @Singleton
  TriggerWatch triggers(
      TrimtabConfig config, ExampleStore examples, TuningJobs jobs, AdapterRegistry registry) {
    return new TriggerWatch(examples, jobs, registry, triggers(config.tuning()), Clock.systemUTC());
  }

  static TriggerSettings triggers(AdaptationConfig.Tuning tuning) {
    return new TriggerSettings(
        tuning.examples(),
        Duration.ofSeconds(tuning.quietSeconds()),
        Duration.ofSeconds(tuning.ageSecondsMax()),
        Math.min(tuning.examplesMin(), tuning.examples()),
        Duration.ofSeconds(tuning.coolDownSeconds()),
        Duration.ofSeconds(Math.max(tuning.coolDownSeconds(), tuning.coolDownSecondsMax())));
  }

  @Produces
  @Singleton
  AdapterDeletion deletion(
      AdapterRegistry registry, TuningJobs jobs, ExampleStore examples, Predictions predictions) {
    return new AdapterDeletion(registry, jobs, examples, predictions);
  }

  @Produces
  @Singleton
  TuningNeeds needs(TrimtabConfig config, TriggerWatch triggers) {
    int needed = config.tuning().examples();
    return new TuningNeeds() {
      @Override
      public Set<String> tuned(AdapterId adapter) {
        return triggers.tuned(adapter);
      }

      @Override
      public int needed() {
        return needed;
      }
    };
  }

  @Produces
  @Singleton
  TuningDefaults defaults(TrimtabConfig config, InferenceEngine engine) {
    AdaptationConfig.Tuning tuning = config.tuning();
    return new TuningDefaults(
        BundledModel.locate(config.model(), data(config)).toAbsolutePath(),
        RotaryFrequencies.of(config.rotaryFrequencies()),
        data(config).resolve("jobs").toAbsolutePath(),
        recipe(tuning),
        lora(tuning),
        training(tuning),
        rehearsal(tuning),
        tuning.rehearsalMax(),
        tuning.device().equals("auto") ? engine.model().device() : tuning.device(),
        tuning.threads() > 0
            ? tuning.threads()
            : Math.max(1, Runtime.getRuntime().availableProcessors() - 1),
        config.gate().validationMin());
  }

  static Recipe recipe(AdaptationConfig.Tuning tuning) {
    Recipe recipe = Recipe.of(tuning.recipe());
    if (!recipe.isServed()) {
      throw TrimtabException.invalid(
          "trimtab.tuning.recipe is %s, which is for the study alone: expected one to serve with"
              .formatted(recipe.wireName()));
    }
    return recipe;
  }

  static LoraSettings lora(AdaptationConfig.Tuning tuning) {
    return new LoraSettings(
        tuning.r(), tuning.loraAlpha(), tuning.useRslora(), LoraSettings.Rank.LOW);
  }

  static TrainingSettings training(AdaptationConfig.Tuning tuning) {
    return new TrainingSettings(
        tuning.learningRate(),
        tuning.weightDecay(),
        tuning.maxGradNorm(),
        tuning.maxSteps(),
        tuning.batchSize(),
        Math.min(tuning.microBatchSize(), tuning.batchSize()),
        tuning.warmupRatio(),
        tuning.evalSteps(),
        tuning.earlyStoppingPatience(),
        tuning.saveSteps(),
        tuning.seed());
  }

  static RehearsalSettings rehearsal(AdaptationConfig.Tuning tuning) {
    return new RehearsalSettings(
        tuning.rehearsalShare(), tuning.rehearsalWeight(), tuning.rehearsalTemperature());
  }

  static JudgeSettings judging(AdaptationConfig.Gate gate) {
    return new JudgeSettings(
        new GateLimits(
            gate.confidence(),
            gate.validationMin(),
            gate.probesMin(),
            gate.gainMin(),
            gate.accuracyMin(),
            gate.dropMax(),
            gate.taskDropMax(),
            gate.taskProbesMin(),
            gate.disagreementMax(),
            gate.biasMax(),
            gate.klAdvised()),
        gate.scales());
  }

  @Produces
  @Singleton
  ProbeSet probes(TrimtabConfig config) {
    try {
      if (config.probes().isPresent()) {
        return ProbeFolder.read(config.probes().get());
      }
      if (BundledModel.exists(config.model())) {
        return ProbeFolder.read(BundledProbes.folder(data(config)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LOG.warn(
        "There are no probes (trimtab.probes), so the gate will publish no tuned revision by"
            + " itself; 'trimtab probes make' makes some");
    return ProbeSet.none();
  }

  @Produces
  @Singleton
  Trainer trainer(TrimtabConfig config) {
    return new TuningProcess(
        new TuningProcessOptions(
            data(config).resolve("torch").toAbsolutePath(),
            config.tuning().heapBytesMax(),
            TuningProcessOptions.RESTART_PAUSES,
            SILENCE_MAX,
            STOP_GRACE));
  }

  void close(@Disposes Trainer trainer) {
    if (trainer instanceof TuningProcess process) {
      process.close();
    }
  }

  @Produces
  @Singleton
  TrainingThrottle throttle(TrimtabConfig config, InferenceEngine engine) {
    TrainingThrottle.Limits defaults = TrainingThrottle.Limits.DEFAULT;
    return new TrainingThrottle(
        engine,
        new TrainingThrottle.Limits(
            config.tuning().latencyAllowance(),
            defaults.idle(),
            Duration.ofMillis(config.tuning().heldMillisMax()),
            defaults.slice()));
  }

  void close(@Disposes TrainingThrottle throttle) {
    throttle.close();
  }

  @Produces
  @Singleton
  Evaluator evaluator(InferenceEngine engine, Quantities quantities) {
    return new Evaluator(engine, EvaluationSettings.defaults(), quantities);
  }

  @Produces
  @Singleton
  Judge judge(TrimtabConfig config, InferenceEngine engine, Evaluator evaluator) {
    return new CandidateJudge(engine, evaluator, judging(config.gate()));
  }

  @Produces
  @Singleton
  ProcessName process(TrimtabConfig config) {
    return ProcessName.take(data(config));
  }

  void close(@Disposes ProcessName process) {
    process.close();
  }

  @Produces
  @Singleton
  TuningScheduler scheduler(
      InferenceEngine engine,
      ExampleStore examples,
      TenantPictures pictures,
      TuningJobs jobs,
      TriggerWatch triggers,
      ProbeSet probes,
      Trainer trainer,
      TrainingThrottle throttle,
      Judge judge,
      AdapterPublisher publisher,
      AdapterLimits limits,
      TuningDefaults defaults,
      ProcessName process) {
    PeftReader reader;
    try (Checkpoint checkpoint = Checkpoint.open(defaults.checkpoint())) {
      reader = new PeftReader(checkpoint.config(), limits);
    }
    JobRunner runner =
        new JobRunner(
            jobs,
            engine,
            examples,
            new JobData(engine, new Conversations(pictures), probes, defaults.rehearsalMax()),
            trainer,
            throttle,
            reader,
            judge,
            publisher,
            defaults,
            process.toString(),
            Clock.systemUTC());
    return new TuningScheduler(jobs, examples, triggers, runner, defaults.recipe());
  }

  void close(@Disposes TuningScheduler scheduler) {
    scheduler.close();
  }

  void onStart(
      @Observes StartupEvent event,
      TrimtabConfig config,
      Events events,
      ExampleStore examples,
      TrainingThrottle throttle,
      TuningScheduler scheduler) {
    switch (config.role()) {
      case "serve" -> {}
      default -> {
        throttle.start();
        scheduler.start();
        events.consume(examples, scheduler::wake);
      }
    }
  }

  /** While the engine is still there, lest a job fails for the want of it. */
  void onStop(@Observes ShutdownEvent event, TuningScheduler scheduler) {
    scheduler.close();
  }

  private static Path data(TrimtabConfig config) {
    return config.data().orElseGet(DataFolder::standard);
  }
}
