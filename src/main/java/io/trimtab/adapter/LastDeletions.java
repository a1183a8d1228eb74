package io.trimtab.adapter;

import io.trimtab.adapter.AdapterSnapshot.Existence;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * When each name was deleted last, looked for in its versions: in those that were not looked
 * through before, so that a second question costs little. One thread at a time.
 */
final class LastDeletions {
  private final AdapterLines lines;
  private final Map<AdapterId, Found> found = new HashMap<>();

  LastDeletions(AdapterLines lines) {
    this.lines = lines;
  }

  /** What versions 1 to this one say. */
  private record Found(long version, Optional<Instant> deleted) {}

  /** When the name was deleted last, up to a version; empty for never. */
  Optional<Instant> upTo(AdapterSnapshot now) {
    Found before = found.getOrDefault(now.id(), new Found(0, Optional.empty()));
    Optional<Instant> deleted = deletion(now);
    for (long version = now.version() - 1;
        deleted.isEmpty() && version > before.version();
        version--) {
      deleted = deletion(now.id(), version);
    }
    if (deleted.isEmpty()) {
      deleted = before.deleted();
    }
    found.put(now.id(), new Found(now.version(), deleted));
    return deleted;
  }

  private Optional<Instant> deletion(AdapterId id, long version) {
    try {
      return lines.at(id, version).flatMap(LastDeletions::deletion);
    } catch (UnreadableVersion e) {
      // Nothing is said of it: the newest version could be read, and that is what is served.
      return Optional.empty();
    }
  }

  private static Optional<Instant> deletion(AdapterSnapshot snapshot) {
    return snapshot.existence() == Existence.DELETED
        ? Optional.of(snapshot.change().time())
        : Optional.empty();
  }
}
