package io.trimtab.model.graph;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Where each weight stands in the data file, and the writing of that file. */
final class WeightFile {
  /** Weights of a page and more start at a page, so that a runtime can map them one by one. */
  private static final long PAGE_BYTES = 4096;

  /** Small weights start at a cache line. */
  private static final long LINE_BYTES = 64;

  private record Placed(GraphParts.Weight weight, long offset) {}

  private final List<Placed> placed;
  private final Map<String, Long> offsets;
  private final long bytes;

  private WeightFile(List<Placed> placed, long bytes) {
    this.placed = placed;
    this.bytes = bytes;
    this.offsets = new HashMap<>();
    placed.forEach(each -> offsets.put(each.weight().name(), each.offset()));
  }

  static WeightFile layout(List<GraphParts.Weight> weights) {
    List<Placed> placed = new ArrayList<>();
    long end = 0;
    for (GraphParts.Weight weight : weights) {
      long alignment = weight.bytes() >= PAGE_BYTES ? PAGE_BYTES : LINE_BYTES;
      long offset = Math.ceilDiv(end, alignment) * alignment;
      placed.add(new Placed(weight, offset));
      end = Math.addExact(offset, weight.bytes());
    }
    return new WeightFile(placed, end);
  }

  long offset(GraphParts.Weight weight) {
    Long offset = offsets.get(weight.name());
    if (offset == null) {
      throw new IllegalStateException("Weight %s has no place".formatted(weight.name()));
    }
    return offset;
  }

  /** Writes all weights in order and forces them to the disk; no weights, no file. */
  void write(Path file, WriteProgress progress) throws IOException {
    if (bytes == 0) {
      Files.deleteIfExists(file);
      return;
    }
    requireSpace(file.toAbsolutePath());
    long total = placed.stream().mapToLong(each -> each.weight().bytes()).sum();
    long written = 0;
    try (FileChannel channel = FileChannel.open(file, CREATE, READ, WRITE, TRUNCATE_EXISTING);
        Arena arena = Arena.ofShared()) {
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
      for (Placed each : placed) {
        GraphParts.Weight weight = each.weight();
        weight.source().write(mapped.asSlice(each.offset(), weight.bytes()));
        written += weight.bytes();
        progress.written(written, total);
      }
      mapped.force();
    }
  }

  /** A full disk under a mapped file is a fault in the middle of a copy, without a message. */
  private void requireSpace(Path file) throws IOException {
    long replaced = Files.exists(file) ? Files.size(file) : 0;
    long usable = Files.getFileStore(Objects.requireNonNull(file.getParent())).getUsableSpace();
    if (usable + replaced < bytes) {
      throw new IOException(
          "Expected %d bytes of free disk for %s, there are %d"
              .formatted(bytes, file.getFileName(), usable + replaced));
    }
  }
}
