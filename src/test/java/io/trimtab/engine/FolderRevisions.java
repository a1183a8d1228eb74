package io.trimtab.engine;

import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.Shared;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** PEFT folders under names, the same for every tenant, to be replaced while an engine serves. */
public final class FolderRevisions implements RevisionSource {
  private record Named(ResolvedRevision revision, PeftFolder folder) {}

  private final PeftReader reader;
  private final ModelConfig config;
  private final String baseDigest;
  private final Map<String, Named> names = new ConcurrentHashMap<>();
  private final Map<String, PeftFolder> byDigest = new ConcurrentHashMap<>();

  /** Called before files are given out; what it throws is what reading throws. */
  public volatile Runnable beforeFiles = () -> {};

  public FolderRevisions(String checkpoint) {
    try (Checkpoint opened = Checkpoint.open(Shared.path(checkpoint))) {
      this.config = opened.config();
      this.baseDigest = opened.digest(Path.of("target", "engine-test-data", "digests"));
    }
    this.reader = new PeftReader(config, AdapterLimits.defaults());
  }

  public ModelConfig config() {
    return config;
  }

  public String put(String name, PeftFolder folder) {
    return put(name, folder, 1);
  }

  /** Makes a name mean a folder, as its next revision; the digest. */
  public String put(String name, PeftFolder folder, float scale) {
    String digest = digest(folder);
    byDigest.put(digest, folder);
    names.compute(
        name,
        (key, before) ->
            new Named(
                new ResolvedRevision(
                    new AdapterId("default", key),
                    before == null ? 1 : before.revision.revision() + 1,
                    digest,
                    scale,
                    new RevisionFiles("0".repeat(64), "0".repeat(64), 0),
                    baseDigest),
                folder));
    return digest;
  }

  public void remove(String name) {
    names.remove(name);
  }

  public ResolvedRevision get(String name) {
    return Optional.ofNullable(names.get(name))
        .map(Named::revision)
        .orElseThrow(() -> RevisionSource.notFound(name));
  }

  public PeftAdapter read(PeftFolder folder, Arena arena) {
    return reader.read(folder.config(), folder.weights(), arena);
  }

  private String digest(PeftFolder folder) {
    try (Arena arena = Arena.ofShared()) {
      return read(folder, arena).digest();
    }
  }

  @Override
  public Optional<ResolvedRevision> resolve(
      String tenant, AdapterSelector selector, String requestId) {
    return switch (selector) {
      case AdapterSelector.TenantDefault _, AdapterSelector.Base _ -> Optional.empty();
      case AdapterSelector.Served(String name) -> Optional.of(get(name));
      case AdapterSelector.Exact(String name, int _) -> Optional.of(get(name));
    };
  }

  @Override
  public PeftFiles files(ResolvedRevision revision) {
    beforeFiles.run();
    PeftFolder folder = byDigest.get(revision.digest());
    if (folder == null) {
      throw RevisionSource.notFound(revision.id().name());
    }
    return new PeftFiles(folder.config(), folder.weights());
  }
}
