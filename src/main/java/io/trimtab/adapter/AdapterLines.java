package io.trimtab.adapter;

import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import java.util.List;
import java.util.Optional;

/** Adapters as lines of versions in the store, one line for each name of each tenant. */
final class AdapterLines {
  private static final String KIND = "adapters";

  private final ObjectStore store;

  AdapterLines(ObjectStore store) {
    this.store = store;
  }

  static LineName line(AdapterId id) {
    return LineName.of(KIND, id.tenant(), id.name());
  }

  List<LineName> all() {
    return store.lines(KIND);
  }

  /** The newest version; empty for a line that has none. */
  Optional<AdapterSnapshot> newest(LineName line) throws UnreadableVersion {
    long latest = store.latest(line);
    return latest == 0 ? Optional.empty() : version(line, latest);
  }

  /** The version after a known one; empty where that is the newest. */
  Optional<AdapterSnapshot> after(AdapterSnapshot known) throws UnreadableVersion {
    return version(line(known.id()), known.version() + 1);
  }

  /** One version; empty where there is none. */
  Optional<AdapterSnapshot> at(AdapterId id, long version) throws UnreadableVersion {
    return version(line(id), version);
  }

  /** Writes a version; false when another writer was first. */
  boolean append(AdapterSnapshot next) {
    return store.putIfAbsent(line(next.id()), next.version(), SnapshotJson.write(next));
  }

  private Optional<AdapterSnapshot> version(LineName line, long version) throws UnreadableVersion {
    Optional<byte[]> contents = store.read(line, version);
    if (contents.isEmpty()) {
      return Optional.empty();
    }
    AdapterSnapshot snapshot = SnapshotJson.read(contents.get());
    if (snapshot.version() != version || !line(snapshot.id()).equals(line)) {
      throw new UnreadableVersion(
          "it says that it is version %d of %s".formatted(snapshot.version(), snapshot.id()));
    }
    return Optional.of(snapshot);
  }
}
