package io.trimtab.cli.bench;

import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.BlobPin;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionSource.PeftFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.adapter.peft.RandomAdapter;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.graph.Projection;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.FileObjectStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A store and a registry in a temporary folder, and random adapters in them. */
final class BenchAdapters implements AutoCloseable {
  private final BenchFolder folder;
  private final FileObjectStore store;
  private final AdapterRegistry registry;

  private BenchAdapters(BenchFolder folder, FileObjectStore store, AdapterRegistry registry) {
    this.folder = folder;
    this.store = store;
    this.registry = registry;
  }

  static BenchAdapters open() throws IOException {
    BenchFolder folder = BenchFolder.make();
    FileObjectStore store = FileObjectStore.open(folder.path().resolve(FileObjectStore.FOLDER));
    AdapterLimits limits = new AdapterLimits(512, 1 << 20, 2L << 30, 100_000, 16);
    return new BenchAdapters(folder, store, AdapterRegistry.open(store, limits, Clock.systemUTC()));
  }

  AdapterRegistry registry() {
    return registry;
  }

  static AdapterId id(String name) {
    return new AdapterId(BenchRequests.TENANT, name);
  }

  /**
   * How adapters are made.
   *
   * @param baseDigest of the model that they belong to
   */
  record Recipe(ModelConfig config, String baseDigest, int rank, Set<Projection> targets) {}

  /** So many adapters, each with its first revision active; their names. */
  List<String> make(Recipe recipe, String prefix, int count) throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = prefix + "-" + i;
      add(id(name), recipe, (long) recipe.rank << 32 | i);
      registry.activate(id(name), Activation.of(1));
      names.add(name);
    }
    return names;
  }

  /** The next revision of an adapter, staged. */
  ResolvedRevision add(AdapterId id, Recipe recipe, long seed) throws IOException {
    PeftFiles files =
        RandomAdapter.write(
            recipe.config.text(),
            folder.path().resolve("written"),
            recipe.rank,
            recipe.targets,
            seed);
    String configBlob = blob(files.config());
    String weightsBlob = blob(files.weights());
    long bytes = Files.size(files.config()) + Files.size(files.weights());
    PeftReader reader = new PeftReader(recipe.config, AdapterLimits.defaults());
    try (BlobPin _ = registry.pin(configBlob, weightsBlob);
        Arena arena = Arena.ofShared()) {
      PeftAdapter adapter = reader.read(files.config(), files.weights(), arena);
      NewRevision revision =
          new NewRevision(
              adapter.digest(),
              RevisionState.STAGED,
              "bench",
              adapter.rank(),
              adapter.targets(),
              adapter.parameters(),
              new RevisionFiles(configBlob, weightsBlob, bytes),
              "",
              "",
              recipe.baseDigest,
              1,
              null);
      return ResolvedRevision.of(id, registry.add(id, revision).revisions().getLast());
    }
  }

  private String blob(Path file) throws IOException {
    try (BlobDraft draft = store.newBlob(Files.size(file))) {
      draft.write(ByteBuffer.wrap(Files.readAllBytes(file)));
      return draft.commit();
    }
  }

  @Override
  public void close() throws IOException {
    store.close();
    folder.close();
  }
}
