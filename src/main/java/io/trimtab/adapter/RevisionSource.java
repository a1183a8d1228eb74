package io.trimtab.adapter;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.nio.file.Path;
import java.util.Optional;

/** Where an engine learns what a name means, and finds its weights. Any thread. */
public interface RevisionSource {
  /**
   * What serves a request; empty for base. Does not block.
   *
   * @param requestId decides between the active revision and a canary, by a stable hash
   * @throws TrimtabException NOT_FOUND for a name or revision that the tenant does not have,
   *     FAILED_PRECONDITION for one that is served to nobody
   */
  Optional<ResolvedRevision> resolve(String tenant, AdapterSelector selector, String requestId);

  /** The revision's files, checked against their digests. May take as long as reading them does. */
  PeftFiles files(ResolvedRevision revision);

  /**
   * A PEFT folder's two files.
   *
   * @param config adapter_config.json
   * @param weights adapter_model.safetensors
   */
  record PeftFiles(Path config, Path weights) {}

  /** Nobody has made any adapter. */
  static RevisionSource none() {
    return new RevisionSource() {
      @Override
      public Optional<ResolvedRevision> resolve(
          String tenant, AdapterSelector selector, String requestId) {
        return switch (selector) {
          case AdapterSelector.TenantDefault _, AdapterSelector.Base _ -> Optional.empty();
          case AdapterSelector.Served(String name) -> throw notFound(name);
          case AdapterSelector.Exact(String name, int _) -> throw notFound(name);
        };
      }

      @Override
      public PeftFiles files(ResolvedRevision revision) {
        throw notFound(revision.id().name());
      }
    };
  }

  /** The same words for an adapter that does not exist and for one of another tenant. */
  static TrimtabException notFound(String name) {
    return new TrimtabException(ErrorCode.NOT_FOUND, "There is no adapter '%s'".formatted(name));
  }
}
