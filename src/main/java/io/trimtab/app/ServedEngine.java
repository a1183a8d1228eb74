package io.trimtab.app;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.EngineOptions.Caches;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.model.BundledModel;
import io.trimtab.model.DataFolder;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.Precision;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.model.image.PictureLimits;
import io.trimtab.serving.ServingLimits;
import io.vertx.core.Context;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The engine that the server serves: loaded by {@link BeforeListening}, so that a model that can't
 * be served ends the start, and closed after the calls have ended.
 */
@Singleton
class ServedEngine {
  private static final Logger LOG = Logger.getLogger(ServedEngine.class);

  @Produces
  @Singleton
  InferenceEngine engine(
      TrimtabConfig config,
      AdapterRegistry registry,
      AdapterLimits limits,
      WatchedClasses classes) {
    if (Context.isOnEventLoopThread()) {
      throw new IllegalStateException(
          "The model is loaded on an event loop, and so before settings were checked");
    }
    ModelSelection selection = selection(config);
    LOG.infof("Loading %s", selection.folder().getFileName());
    Engine engine =
        Engine.open(
            selection,
            options(config, limits).withTokenSets(classes.sets()),
            registry,
            Clock.systemUTC(),
            WriteProgress.silent());
    engine.start();
    LOG.infof("Serving %s", engine.model());
    return engine;
  }

  void close(@Disposes InferenceEngine engine) {
    if (engine instanceof Engine served) {
      served.close();
    }
  }

  @Produces
  @Singleton
  ServingLimits limits() {
    return ServingLimits.DEFAULT;
  }

  private static ModelSelection selection(TrimtabConfig config) {
    Path data = config.data().orElseGet(DataFolder::standard);
    Optional<Precision> precision =
        config.precision().equals("auto")
            ? Optional.empty()
            : Optional.of(Precision.of(config.precision()));
    return new ModelSelection(
        BundledModel.locate(config.model(), data),
        precision,
        config.device(),
        data,
        config.onnxruntime().library(),
        RotaryFrequencies.of(config.rotaryFrequencies()));
  }

  static EngineOptions options(TrimtabConfig config, AdapterLimits adapters) {
    TrimtabConfig.Engine engine = config.engine();
    PictureLimits defaults = PictureLimits.defaults();
    return EngineOptions.builder()
        .maxBatch(engine.maxBatch())
        .maxSequenceTokens(engine.maxModelLen())
        .prefillChunkTokens(engine.prefillChunk())
        .runningPerTenantMax(engine.perTenant().maxRunning().orElse(Integer.MAX_VALUE))
        .queueMax(engine.queueSize())
        .queuePerTenantMax(engine.perTenant().maxQueued().orElse(Integer.MAX_VALUE))
        .queueBytesMax(engine.queueBytesMax())
        .defaultMaxTokens(config.defaultMaxTokens())
        .caches(
            new Caches(
                DirectMemory.imageCacheBytes(engine),
                DirectMemory.visionCacheBytes(engine),
                engine.pictureCacheBytes(),
                engine.adapterCacheBytes(),
                engine.prefixCacheBytes()))
        .pictures(
            new PictureLimits(
                config.pictures().bytesMax(), config.pictures().pixelsMax(), defaults.sideMax()))
        .threads(config.threads().orElse(0))
        .adapters(adapters)
        .build();
  }
}
