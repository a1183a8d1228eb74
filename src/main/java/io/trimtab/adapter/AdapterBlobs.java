package io.trimtab.adapter;

import io.trimtab.error.TrimtabException;
import io.trimtab.store.ObjectStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which blobs are needed: those that a revision names and those that are pinned for one to come.
 * Others are deleted when the last that named them goes. Pins hold within this process; between
 * another's commit and its revision, a deletion here can take a blob away, and the revision is
 * refused there. Safe for use by many threads.
 */
final class AdapterBlobs {
  private static final System.Logger LOG = System.getLogger(AdapterBlobs.class.getName());

  private final ObjectStore store;
  private final AdapterVersions versions;

  /** Touched exclusively. */
  private final Map<String, Integer> pins = new HashMap<>();

  AdapterBlobs(ObjectStore store, AdapterVersions versions) {
    this.store = store;
    this.versions = versions;
  }

  boolean has(RevisionFiles files) {
    return files.blobs().stream().allMatch(store::hasBlob);
  }

  BlobPin pin(List<String> blobs) {
    versions.exclusively(() -> blobs.forEach(blob -> pins.merge(blob, 1, Integer::sum)));
    return new BlobPin(blobs, this::unpin);
  }

  /**
   * Deletes those of the blobs that nobody needs. A failure is logged: what was asked for is done.
   */
  void deleteUnneeded(Collection<String> blobs) {
    Set<String> unneeded = new HashSet<>(blobs);
    versions.exclusively(() -> removeNeeded(unneeded));
    if (unneeded.isEmpty()) {
      return;
    }
    try {
      // Revisions that another process has added may name them.
      versions.refreshAll();
      versions.exclusively(() -> deleteStillUnneeded(unneeded));
    } catch (TrimtabException e) {
      LOG.log(System.Logger.Level.WARNING, "Files of deleted revisions stay in the store", e);
    }
  }

  private void unpin(List<String> blobs) {
    versions.exclusively(
        () ->
            blobs.forEach(
                blob ->
                    pins.computeIfPresent(blob, (key, count) -> count == 1 ? null : count - 1)));
    deleteUnneeded(blobs);
  }

  private void deleteStillUnneeded(Set<String> unneeded) {
    if (!versions.complete()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Files of deleted revisions stay: adapters that cannot be read may need them");
      return;
    }
    removeNeeded(unneeded);
    unneeded.forEach(store::deleteBlob);
  }

  private void removeNeeded(Set<String> blobs) {
    blobs.removeAll(pins.keySet());
    versions.removeNamed(blobs);
  }
}
