package io.trimtab.app;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.gate.EnvelopeReferences;
import io.trimtab.adaptation.gate.Evaluator;
import io.trimtab.adaptation.gate.KeptEnvelopes;
import io.trimtab.adaptation.governor.Governor;
import io.trimtab.adaptation.governor.GovernorHistory;
import io.trimtab.adaptation.governor.GovernorSettings;
import io.trimtab.adaptation.governor.GovernorWatchers;
import io.trimtab.adaptation.governor.ProbeWatch;
import io.trimtab.adaptation.governor.WatchSweep;
import io.trimtab.adaptation.job.DriftRetraining;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.ShadowedGenerator;
import io.trimtab.drift.WatchSettings;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.drift.WordClass;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.TrimtabException;
import io.trimtab.events.Events;
import io.trimtab.model.BundledModel;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.DataFolder;
import io.trimtab.serving.metrics.GovernorCounts;
import io.trimtab.serving.tracing.Tracing;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** The drift watch: what is measured of live answers, what judges it, and what acts. */
@Singleton
class DriftWiring {
  private static final Logger LOG = Logger.getLogger(DriftWiring.class);
  private static final Duration SAVE = Duration.ofSeconds(10);
  private static final Duration CANARIES = Duration.ofSeconds(1);
  private static final Duration SWEEP = Duration.ofMinutes(10);

  private final ExecutorService governing =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("trimtab-governor").factory());
  private final ExecutorService measuring =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("trimtab-drift").factory());
  private final ScheduledExecutorService keeping =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("trimtab-drift-keeper").factory());

  @Produces
  @Singleton
  WatchedClasses classes(TrimtabConfig config) {
    return classes(config.drift());
  }

  static WatchedClasses classes(AdaptationConfig.Drift drift) {
    return new WatchedClasses(
        drift.classes().entrySet().stream()
            .sorted(java.util.Map.Entry.comparingByKey())
            .map(each -> new WordClass(each.getKey(), Set.copyOf(each.getValue())))
            .toList());
  }

  @Produces
  @Singleton
  Quantities quantities(WatchedClasses classes) {
    return new Quantities(classes);
  }

  static WatchSettings watching(AdaptationConfig.Drift drift) {
    return new WatchSettings(
        drift.share(),
        drift.tokensMax(),
        drift.pendingMax(),
        drift.averageRunLength(),
        drift.warmUp(),
        drift.watchedMax());
  }

  static GovernorSettings governing(AdaptationConfig.Governor governor) {
    GovernorSettings.Mode mode =
        switch (governor.mode()) {
          case "act" -> GovernorSettings.Mode.ACT;
          case "advise" -> GovernorSettings.Mode.ADVISE;
          default ->
              throw TrimtabException.invalid(
                  "trimtab.governor.mode is %s, expected act or advise".formatted(governor.mode()));
        };
    return new GovernorSettings(
        mode,
        governor.dampTo(),
        governor.scaleMin(),
        governor.severe(),
        governor.actionsMax(),
        Duration.ofSeconds(governor.withinSeconds()),
        governor.canaryAnswers(),
        governor.retrain() ? GovernorSettings.Retrain.RETRAIN : GovernorSettings.Retrain.LEAVE);
  }

  @Produces
  @Singleton
  GovernorHistory history(TrimtabConfig config, ProcessName process) {
    return new GovernorHistory(folder(config, process));
  }

  @Produces
  @Singleton
  ProbeWatch probing(
      TrimtabConfig config,
      InferenceEngine engine,
      AdapterRegistry registry,
      AdapterLimits limits,
      Evaluator evaluator,
      ProbeSet probes) {
    Path folder = BundledModel.locate(config.model(), data(config));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      return new ProbeWatch(
          registry,
          engine,
          new PeftReader(checkpoint.config(), limits),
          evaluator,
          probes,
          TuningWiring.judging(config.gate()).limits(),
          Duration.ofSeconds(config.drift().probeSeconds()),
          Clock.systemUTC());
    }
  }

  void close(@Disposes ProbeWatch probing) {
    probing.close();
  }

  /** Kafka, the metrics, the traces, and whoever watches. */
  @Produces
  @Singleton
  GovernorWatchers watchers(Provider<Events> events, GovernorCounts counts, Tracing tracing) {
    return new GovernorWatchers(
        List.of(new DriftTelling(() -> events.get().driftEvents()), counts, tracing.governor()));
  }

  @Produces
  @Singleton
  Governor governor(
      TrimtabConfig config,
      AdapterRegistry registry,
      AdapterPublisher publisher,
      TuningJobs jobs,
      ExampleStore examples,
      ProbeWatch probing,
      GovernorHistory history,
      GovernorWatchers watchers) {
    return new Governor(
        registry,
        publisher,
        new DriftRetraining(
            jobs,
            examples,
            TuningWiring.recipe(config.tuning()),
            TuningWiring.triggers(config.tuning()).examplesMin()),
        probing,
        history,
        watchers,
        governing(config.governor()),
        governing,
        Clock.systemUTC());
  }

  @Produces
  @Singleton
  DriftWatch watch(
      TrimtabConfig config,
      Quantities quantities,
      AdapterRegistry registry,
      Governor governor,
      ProcessName process) {
    return new DriftWatch(
        quantities,
        new EnvelopeReferences(new KeptEnvelopes(registry), quantities),
        watching(config.drift()),
        folder(config, process),
        governor,
        Clock.systemUTC());
  }

  @Produces
  @Singleton
  ShadowedGenerator shadowed(
      TrimtabConfig config, InferenceEngine engine, Quantities quantities, DriftWatch watch) {
    return new ShadowedGenerator(engine, quantities, watch, watching(config.drift()), measuring);
  }

  void onStart(
      @Observes StartupEvent event,
      DriftWatch watch,
      Governor governor,
      ProbeWatch probing,
      AdapterRegistry registry,
      GovernorHistory history) {
    probing.start(governor);
    every(SAVE, watch::save);
    every(SAVE, () -> governor.catchUp(watch));
    every(SWEEP, new WatchSweep(registry, watch, history)::run);
    every(CANARIES, () -> governor.promoteCanaries(watch));
  }

  private void every(Duration pause, Runnable work) {
    var _ =
        keeping.scheduleWithFixedDelay(
            () -> {
              try {
                work.run();
              } catch (RuntimeException e) {
                // Said, and tried again: an exception would end the schedule.
                LOG.warnf("The drift watch was held up: %s", e.getMessage());
              }
            },
            pause.toMillis(),
            pause.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** What was not read yet is left; what was is kept. */
  void onStop(@Observes ShutdownEvent event, DriftWatch watch) {
    for (ExecutorService each : List.of(keeping, governing, measuring)) {
      each.shutdownNow();
    }
    watch.save();
  }

  private static Path folder(TrimtabConfig config, ProcessName process) {
    return folder(data(config), config.role(), process);
  }

  /**
   * What a process has seen is its own: replicas over one data folder would write over each
   * other's. Two of the role {@code all} are replicas as well, where they share a broker.
   */
  static Path folder(Path data, String role, ProcessName process) {
    Path drift = data.resolve("drift");
    return role.equals("all") && process.isFirst() ? drift : drift.resolve("of-" + process);
  }

  private static Path data(TrimtabConfig config) {
    return config.data().orElseGet(DataFolder::standard);
  }
}
