package io.trimtab.engine;

import io.trimtab.adapter.RevisionSource;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.testing.Shared;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/**
 * Engines on real checkpoints, opened when first asked for and shared by the tests of a class. The
 * imported graphs stay in the build's folder.
 */
final class OpenedEngines implements AutoCloseable {
  private record Key(String checkpoint, EngineOptions options) {}

  private final RotaryFrequencies frequencies;
  private final Map<Key, Engine> engines = new HashMap<>();

  OpenedEngines(RotaryFrequencies frequencies) {
    this.frequencies = frequencies;
  }

  /** Defaults but for these; two threads, whatever machine it is. */
  static EngineOptions options(int maxBatch, int prefillChunkTokens) {
    return options(maxBatch, prefillChunkTokens, 256);
  }

  static EngineOptions options(int maxBatch, int prefillChunkTokens, int queueMax) {
    return EngineOptions.builder()
        .maxBatch(maxBatch)
        .prefillChunkTokens(prefillChunkTokens)
        .queueMax(queueMax)
        .queuePerTenantMax(queueMax)
        .threads(2)
        .build();
  }

  Engine get(String checkpoint, EngineOptions options) {
    return engines.computeIfAbsent(
        new Key(checkpoint, options),
        key -> {
          Engine engine = open(checkpoint, options, frequencies);
          engine.start();
          return engine;
        });
  }

  /** One that is not started; the caller closes it. */
  static Engine open(String checkpoint, EngineOptions options, RotaryFrequencies frequencies) {
    return open(checkpoint, options, frequencies, RevisionSource.none());
  }

  /** The same with adapters. */
  static Engine open(
      String checkpoint,
      EngineOptions options,
      RotaryFrequencies frequencies,
      RevisionSource revisions) {
    return Engine.open(
        ModelSelection.of(Shared.path(checkpoint), Path.of("target", "engine-test-data"))
            .with(frequencies),
        options,
        revisions,
        Clock.systemUTC(),
        WriteProgress.silent());
  }

  @Override
  public void close() {
    engines.values().forEach(Engine::close);
  }
}
