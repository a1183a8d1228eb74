package io.trimtab.adapter;

import io.trimtab.store.BlobDraft;
import io.trimtab.store.LineName;
import io.trimtab.store.ObjectStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Lines in memory, and no blobs: for tests of thousands of adapters. */
final class MemoryLines implements ObjectStore {
  private final Map<LineName, List<byte[]>> lines = new ConcurrentHashMap<>();

  @Override
  public boolean putIfAbsent(LineName line, long version, byte[] contents) {
    List<byte[]> versions = lines.computeIfAbsent(line, key -> new ArrayList<>());
    return versions.size() == version - 1 && versions.add(contents.clone());
  }

  @Override
  public Optional<byte[]> read(LineName line, long version) {
    List<byte[]> versions = lines.getOrDefault(line, List.of());
    return version > versions.size()
        ? Optional.empty()
        : Optional.of(versions.get(Math.toIntExact(version - 1)));
  }

  @Override
  public long latest(LineName line) {
    return lines.getOrDefault(line, List.of()).size();
  }

  @Override
  public void deleteLine(LineName line) {
    lines.remove(line);
  }

  @Override
  public List<LineName> lines(String kind) {
    return lines.keySet().stream().filter(line -> line.kind().equals(kind)).toList();
  }

  @Override
  public BlobDraft newBlob(long bytesMax) {
    throw new UnsupportedOperationException("Lines alone");
  }

  @Override
  public Path blob(String sha256) {
    throw new UnsupportedOperationException("Lines alone");
  }

  @Override
  public boolean hasBlob(String sha256) {
    return true;
  }

  @Override
  public void deleteBlob(String sha256) {}
}
