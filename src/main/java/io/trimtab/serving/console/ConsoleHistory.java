package io.trimtab.serving.console;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftWatch;
import io.trimtab.serving.metrics.LiveFigures;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Samples, once a second, what nothing else keeps a series of: the server's figures, the losses of
 * jobs under way, the drift detectors. All of it is bounded, in memory, and of this process.
 */
@Singleton
class ConsoleHistory {
  private static final Logger LOG = Logger.getLogger(ConsoleHistory.class);
  private static final int DRIFT_SECONDS = 5;

  private final LiveFigures figures;
  private final TuningJobs jobs;
  private final DriftWatch watch;
  private final Clock clock = Clock.systemUTC();
  private final LossCurves curves = new LossCurves();
  private final DriftSeries drift = new DriftSeries();
  private final ScheduledExecutorService sampling =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("trimtab-console").factory());

  @Inject
  ConsoleHistory(LiveFigures figures, TuningJobs jobs, DriftWatch watch) {
    this.figures = figures;
    this.jobs = jobs;
    this.watch = watch;
  }

  void onStart(@Observes StartupEvent event) {
    every(1, this::sampleFigures);
    every(1, this::sampleJobs);
    every(DRIFT_SECONDS, this::sampleDrift);
  }

  private void every(int seconds, Runnable sample) {
    var _ =
        sampling.scheduleWithFixedDelay(
            () -> {
              try {
                sample.run();
              } catch (RuntimeException e) {
                // Said, and tried again: an exception would end the schedule.
                LOG.warnf("The console's series have a gap: %s", e.getMessage());
              }
            },
            0,
            seconds,
            TimeUnit.SECONDS);
  }

  void sampleFigures() {
    figures.sample();
  }

  void sampleJobs() {
    jobs.open().stream()
        .map(job -> jobs.get(job.adapter().tenant(), job.id()))
        .forEach(curves::heard);
  }

  void sampleDrift() {
    drift.sample(clock.millis(), watch.reports());
  }

  /** A tenant's job, with its losses up to now. */
  List<LossCurves.Point> losses(TuningJob job) {
    curves.heard(job);
    return curves.of(job.id());
  }

  List<DriftSeries.Point> drift(AdapterId id) {
    return drift.of(id);
  }

  void stop(@Observes ShutdownEvent event) {
    sampling.shutdownNow();
  }
}
