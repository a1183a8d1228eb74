package io.trimtab.app;

import io.quarkus.runtime.StartupEvent;
import io.trimtab.adaptation.AdapterFollower;
import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.PinnedAdapters;
import io.trimtab.adaptation.UploadLimits;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.model.BundledModel;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.DataFolder;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.ObjectStore;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * The tenants' adapters: the store that keeps them, their registry, and what publishes new ones.
 * The engine learns from the registry what a name means, so nothing here but the publisher needs
 * the engine.
 */
@Singleton
class AdapterWiring {
  /** Between attempts to load what another process has activated. */
  private static final Duration PAUSE_MIN = Duration.ofSeconds(1);

  private static final Duration PAUSE_MAX = Duration.ofMinutes(2);

  @Produces
  @Singleton
  ObjectStore store(TrimtabConfig config) {
    return FileObjectStore.open(data(config).resolve(FileObjectStore.FOLDER));
  }

  void close(@Disposes ObjectStore store) {
    if (store instanceof FileObjectStore opened) {
      opened.close();
    }
  }

  @Produces
  @Singleton
  AdapterLimits limits(TrimtabConfig config) {
    TrimtabConfig.Adapters adapters = config.adapters();
    return new AdapterLimits(
        adapters.maxLoraRank(),
        adapters.configBytesMax(),
        adapters.weightsBytesMax(),
        adapters.perTenantMax(),
        adapters.revisionsMax());
  }

  @Produces
  @Singleton
  UploadLimits uploadLimits(TrimtabConfig config) {
    TrimtabConfig.Adapters adapters = config.adapters();
    return new UploadLimits(
        adapters.uploadsMax(), Duration.ofSeconds(adapters.uploadStallSeconds()));
  }

  @Produces
  @Singleton
  AdapterRegistry registry(ObjectStore store, AdapterLimits limits) {
    return AdapterRegistry.open(store, limits, Clock.systemUTC());
  }

  @Produces
  @Singleton
  AdapterPublisher publisher(
      TrimtabConfig config,
      InferenceEngine engine,
      ObjectStore store,
      AdapterRegistry registry,
      AdapterLimits limits,
      UploadLimits uploadLimits) {
    Path folder = BundledModel.locate(config.model(), data(config));
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      PeftReader reader = new PeftReader(checkpoint.config(), limits);
      return new AdapterPublisher(engine, reader, store, registry, limits, uploadLimits);
    }
  }

  @Produces
  @Singleton
  AdapterFollower follower(InferenceEngine engine, AdapterRegistry registry) {
    return new AdapterFollower(engine, registry, Clock.systemUTC(), PAUSE_MIN, PAUSE_MAX);
  }

  void close(@Disposes AdapterFollower follower) {
    follower.close();
  }

  @Produces
  @Singleton
  PinnedAdapters pinned(TrimtabConfig config, InferenceEngine engine, AdapterRegistry registry) {
    List<AdapterId> ids =
        config.adapters().pinned().orElse(List.of()).stream()
            .map(text -> text.split("/", 2))
            .map(words -> new AdapterId(words[0], words[1]))
            .toList();
    return new PinnedAdapters(engine, registry, ids);
  }

  void close(@Disposes PinnedAdapters pinned) {
    pinned.close();
  }

  void onStart(@Observes StartupEvent event, PinnedAdapters pinned) {
    pinned.start();
  }

  private static Path data(TrimtabConfig config) {
    return config.data().orElseGet(DataFolder::standard);
  }
}
