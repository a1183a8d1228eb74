package io.trimtab.app;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.trimtab.adaptation.AdapterFollower;
import io.trimtab.adaptation.FailedLoad;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.FeedbackLog;
import io.trimtab.adaptation.feedback.FeedbackSweep;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adaptation.files.FileLimits;
import io.trimtab.adaptation.files.TrainingFiles;
import io.trimtab.adaptation.job.AdapterDeletion;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.events.AdapterNotices;
import io.trimtab.events.ConsumerState;
import io.trimtab.events.EventLimits;
import io.trimtab.events.EventSettings;
import io.trimtab.events.Events;
import io.trimtab.model.DataFolder;
import io.trimtab.model.image.PictureLimits;
import io.trimtab.serving.health.AdaptationStatus;
import io.trimtab.serving.metrics.FeedbackLag;
import io.trimtab.store.ObjectStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Feedback: where it comes from, what is kept of it, and Kafka, through which it comes. */
@Singleton
class FeedbackWiring {
  private static final Logger LOG = Logger.getLogger(FeedbackWiring.class);
  private static final Duration SWEEP = Duration.ofMinutes(10);

  /** Notices are quicker, while Kafka is there. */
  private static final Duration LOOK = Duration.ofSeconds(30);

  private final ScheduledExecutorService sweeping =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("trimtab-sweep").factory());

  /** Not the sweeper's: a sweep may take minutes, and a rollback is waited for. */
  private final ScheduledExecutorService looking =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("trimtab-look").factory());

  private volatile @Nullable Events started;

  @Produces
  @Singleton
  TenantPictures pictures(TrimtabConfig config, ObjectStore store) {
    return new TenantPictures(store, config.pictures().bytesMax());
  }

  @Produces
  @Singleton
  Predictions predictions(TrimtabConfig config, ObjectStore store, TenantPictures pictures) {
    return Predictions.open(store, pictures, retention(config.feedback()), Clock.systemUTC());
  }

  static PredictionLimits retention(AdaptationConfig.FeedbackSettings feedback) {
    return new PredictionLimits(
        Duration.ofSeconds(feedback.retainSeconds()), feedback.retainBytesMax());
  }

  @Produces
  @Singleton
  FeedbackLimits limits(TrimtabConfig config) {
    return limits(config.feedback(), config.pictures());
  }

  static FeedbackLimits limits(
      AdaptationConfig.FeedbackSettings feedback, TrimtabConfig.Pictures pictures) {
    FeedbackLimits defaults = FeedbackLimits.defaults();
    return new FeedbackLimits(
        defaults.idCharactersMax(),
        feedback.correctionCharactersMax(),
        defaults.textCharactersMax(),
        defaults.messagesMax(),
        feedback.picturesMin(),
        defaults.picturesMax(),
        new PictureLimits(
            pictures.bytesMax(), pictures.pixelsMax(), PictureLimits.defaults().sideMax()),
        defaults.tagsMax(),
        defaults.tagCharactersMax(),
        feedback.examplesPerAdapterMax(),
        defaults.specialTokens());
  }

  @Produces
  @Singleton
  ExampleStore examples(
      ObjectStore store,
      AdapterRegistry registry,
      TenantPictures pictures,
      Predictions predictions,
      FeedbackLimits limits) {
    return ExampleStore.open(store, registry, pictures, predictions, limits, Clock.systemUTC());
  }

  @Produces
  @Singleton
  TrainingFiles files(TrimtabConfig config, ObjectStore store) {
    return new TrainingFiles(store, files(config.files()), Clock.systemUTC());
  }

  static FileLimits files(AdaptationConfig.TrainingData files) {
    return new FileLimits(files.bytesMax(), files.linesMax(), files.perTenantMax());
  }

  @Produces
  @Singleton
  Events events(TrimtabConfig config, TenantPictures pictures) {
    Events events =
        Events.start(
            settings(config.kafka()),
            config.data().orElseGet(DataFolder::standard),
            pictures,
            Clock.systemUTC());
    LOG.infof("Kafka at %s", events.bootstrapServers());
    return events;
  }

  static EventSettings settings(AdaptationConfig.Kafka kafka) {
    return new EventSettings(
        kafka.bootstrapServers().orElse(""),
        kafka.port(),
        kafka.topicPrefix(),
        kafka.partitions(),
        kafka.replication(),
        kafka.group(),
        "/trimtab",
        kafka.client(),
        EventLimits.of(
            kafka.recordBytesMax(),
            kafka.inFlightBytesMax(),
            Duration.ofSeconds(kafka.appendSeconds())));
  }

  void close(@Disposes Events events) {
    events.close();
  }

  /**
   * Behind a proxy, so that the gRPC server's threads, which make the services, start no broker.
   */
  @Produces
  @ApplicationScoped
  FeedbackLog feedbackLog(Events events) {
    return events.feedbackLog();
  }

  /** Asked before the broker is started, too, and starts none. */
  @Produces
  @Singleton
  AdaptationStatus status(TrimtabConfig config, AdapterFollower follower) {
    return new AdaptationStatus() {
      @Override
      public String role() {
        return config.role();
      }

      @Override
      public Optional<ConsumerState> consumer() {
        Events now = started;
        return now == null ? Optional.empty() : now.consumerState();
      }

      @Override
      public Optional<String> brokerFailure() {
        Events now = started;
        return now == null ? Optional.empty() : now.brokerFailure();
      }

      @Override
      public List<FailedLoad> failingLoads() {
        return follower.failing();
      }
    };
  }

  /** Starts no broker either. */
  @Produces
  @Singleton
  FeedbackLag lag() {
    return () -> {
      Events now = started;
      return now == null ? OptionalLong.empty() : now.feedbackLag();
    };
  }

  void onStart(
      @Observes StartupEvent event,
      Events events,
      AdapterRegistry registry,
      AdapterFollower follower,
      Predictions predictions,
      ExampleStore examples,
      TenantPictures pictures,
      AdapterDeletion deletion) {
    started = events;
    AdapterNotices notices = events.follow(follower::heard, registry::all);
    registry.watchAll(notices::announce);
    FeedbackSweep sweep =
        new FeedbackSweep(predictions, examples, pictures, events.feedbackProgress());
    // At once, too: a kill may have left something of a deleted adapter.
    sweeping.execute(() -> swept(deletion::sweep));
    var _ =
        sweeping.scheduleWithFixedDelay(
            () -> {
              swept(deletion::sweep);
              swept(sweep::run);
            },
            SWEEP.toSeconds(),
            SWEEP.toSeconds(),
            TimeUnit.SECONDS);
    var _ =
        looking.scheduleWithFixedDelay(
            () -> swept(follower::look), LOOK.toSeconds(), LOOK.toSeconds(), TimeUnit.SECONDS);
  }

  void sweepFiles(@Observes StartupEvent event, TrainingFiles files) {
    var _ =
        sweeping.scheduleWithFixedDelay(
            () -> swept(files::sweep), 0, SWEEP.toSeconds(), TimeUnit.SECONDS);
  }

  private static void swept(Runnable sweep) {
    try {
      sweep.run();
    } catch (RuntimeException | Error e) {
      // Said, and tried again: whatever leaves here would end the schedule.
      LOG.warnf("A round through the store was not finished: %s", e);
    }
  }

  void onStop(@Observes ShutdownEvent event) {
    looking.shutdownNow();
    sweeping.shutdownNow();
  }
}
