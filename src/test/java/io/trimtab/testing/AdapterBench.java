package io.trimtab.testing;

import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.UploadLimits;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.model.Checkpoint;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * All that publishes adapters, for the reference model llava-onevision and with an engine that
 * plays a script.
 */
public record AdapterBench(
    FakeEngine engine,
    FileObjectStore store,
    Path folder,
    AdapterRegistry registry,
    AdapterPublisher publisher,
    UploadLimits uploadLimits)
    implements AutoCloseable {
  /** Small beside the defaults, so that tests reach them; the reference adapters fit. */
  public static final AdapterLimits LIMITS = new AdapterLimits(16, 8 << 10, 256 << 10, 3, 3);

  public static AdapterBench open(Path folder) {
    return open(folder, UploadLimits.defaults(), UnaryOperator.identity());
  }

  /** One that ends uploads after so long a stall. */
  public static AdapterBench open(Path folder, Duration stallMax) {
    return open(folder, new UploadLimits(8, stallMax), UnaryOperator.identity());
  }

  /**
   * The same with bounds and a store of the test's own.
   *
   * @param wrapped what the publisher sees in the place of the store
   */
  public static AdapterBench open(
      Path folder, UploadLimits uploadLimits, UnaryOperator<ObjectStore> wrapped) {
    FakeEngine engine = FakeEngine.answering("Blue");
    FileObjectStore store = FileObjectStore.open(folder);
    AdapterRegistry registry = AdapterRegistry.open(store, LIMITS, Clock.systemUTC());
    try (Checkpoint base = Checkpoint.open(Shared.path("reference/llava-onevision"))) {
      AdapterPublisher publisher =
          new AdapterPublisher(
              engine,
              new PeftReader(base.config(), LIMITS),
              wrapped.apply(store),
              registry,
              LIMITS,
              uploadLimits);
      return new AdapterBench(engine, store, folder, registry, publisher, uploadLimits);
    }
  }

  /** Every blob, and everything that is being written. */
  public List<Path> kept() {
    try (Stream<Path> blobs = Files.walk(folder.resolve("blobs"));
        Stream<Path> aside = Files.walk(folder.resolve("aside"))) {
      return Stream.concat(blobs, aside)
          .filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith(".lock"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    store.close();
  }

  /** A store whose drafts are not those of another. */
  public record Drafts(ObjectStore store, UnaryOperator<BlobDraft> wrapped) implements ObjectStore {
    @Override
    public BlobDraft newBlob(long bytesMax) {
      return wrapped.apply(store.newBlob(bytesMax));
    }

    @Override
    public Path blob(String sha256) {
      return store.blob(sha256);
    }

    @Override
    public boolean hasBlob(String sha256) {
      return store.hasBlob(sha256);
    }

    @Override
    public void deleteBlob(String sha256) {
      store.deleteBlob(sha256);
    }

    @Override
    public boolean putIfAbsent(LineName line, long version, byte[] contents) {
      return store.putIfAbsent(line, version, contents);
    }

    @Override
    public Optional<byte[]> read(LineName line, long version) {
      return store.read(line, version);
    }

    @Override
    public long latest(LineName line) {
      return store.latest(line);
    }

    @Override
    public void deleteLine(LineName line) {
      store.deleteLine(line);
    }

    @Override
    public List<LineName> lines(String kind) {
      return store.lines(kind);
    }
  }
}
