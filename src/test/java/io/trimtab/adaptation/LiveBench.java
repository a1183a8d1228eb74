package io.trimtab.adaptation;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.ObjectStore;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/**
 * A real engine, and all that publishes adapters to it, on the store of one folder. Closed and
 * opened again it is a server that was restarted.
 */
public record LiveBench(
    Engine engine, FileObjectStore files, AdapterRegistry registry, AdapterPublisher publisher)
    implements AutoCloseable {
  static final AdapterLimits LIMITS = new AdapterLimits(64, 64 << 10, 64 << 20, 1_000, 64);

  public static LiveBench open(String checkpoint, Path root, EngineOptions options) {
    FileObjectStore files = FileObjectStore.open(root);
    return open(checkpoint, files, files, options);
  }

  /**
   * @param store what all sees in the place of the files
   */
  static LiveBench open(
      String checkpoint, FileObjectStore files, ObjectStore store, EngineOptions options) {
    AdapterRegistry registry = AdapterRegistry.open(store, LIMITS, Clock.systemUTC());
    Engine engine = engine(checkpoint, options, registry);
    return new LiveBench(
        engine,
        files,
        registry,
        new AdapterPublisher(
            engine,
            new PeftReader(config(checkpoint), LIMITS),
            store,
            registry,
            LIMITS,
            UploadLimits.defaults()));
  }

  /** A started engine, two threads whatever machine it is. */
  static Engine engine(String checkpoint, EngineOptions options, RevisionSource revisions) {
    Engine engine =
        Engine.open(
            ModelSelection.of(Shared.path(checkpoint), Path.of("target", "engine-test-data"))
                .with(RotaryFrequencies.FLOAT32),
            options.withThreads(2),
            revisions,
            Clock.systemUTC(),
            WriteProgress.silent());
    engine.start();
    return engine;
  }

  public static ModelConfig config(String checkpoint) {
    try (Checkpoint opened = Checkpoint.open(Shared.path(checkpoint))) {
      return opened.config();
    }
  }

  /** Uploads a folder as a client would; a refusal is thrown. */
  public Revision upload(AdapterId id, PeftFolder folder, NoopPolicy noop, AfterUpload after) {
    try (AdapterUpload upload = publisher.begin(new UploadOrder(id, "", noop, after))) {
      send(upload, folder);
      AdapterExamination examination = upload.examine();
      if (!examination.accepted()) {
        throw AdapterUpload.refusal(examination);
      }
      return upload.publish();
    }
  }

  /** Uploads a folder and serves it. */
  public Revision serve(AdapterId id, PeftFolder folder) {
    return upload(id, folder, NoopPolicy.REFUSE, AfterUpload.ACTIVATE);
  }

  public static void send(AdapterUpload upload, PeftFolder folder) {
    for (Path file : new Path[] {folder.config(), folder.weights()}) {
      upload.file(file.getFileName().toString());
      try {
        upload.data(ByteBuffer.wrap(Files.readAllBytes(file)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Ends every request; the leases that are open after that, of which there must be none. */
  public int leasesAfterClose() {
    close();
    return engine.deltaStatistics().host().leases();
  }

  @Override
  public void close() {
    engine.close();
    files.close();
  }
}
