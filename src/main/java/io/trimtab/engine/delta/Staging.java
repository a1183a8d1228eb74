package io.trimtab.engine.delta;

import io.trimtab.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Host memory in which a block of a smaller rank, or zeros, takes a slot's layout before it is
 * copied there. What it gives out is good until the next call. Grows to the largest block. Owned by
 * the step loop's thread.
 */
final class Staging implements AutoCloseable {
  private Arena arena = Arena.ofShared();
  private MemorySegment memory = MemorySegment.NULL;

  @SuppressWarnings("MustBeClosedChecker") // The arena is closed with this, or when it grows.
  Staging() {}

  /**
   * {@code rows} rows in {@code bytes} bytes: {@code source [1, rows, columns]} with zeros behind
   * each row; zeros alone where there is no source.
   */
  MemorySegment rows(@Nullable Tensor source, long bytes, int rows) {
    MemorySegment zeros = zeros(bytes);
    if (source != null) {
      long from = source.data().byteSize() / rows;
      long to = bytes / rows;
      for (int row = 0; row < rows; row++) {
        MemorySegment.copy(source.data(), row * from, zeros, row * to, from);
      }
    }
    return zeros;
  }

  /** The source at the start of {@code bytes} bytes, and zeros behind it. */
  MemorySegment start(@Nullable Tensor source, long bytes) {
    MemorySegment zeros = zeros(bytes);
    if (source != null) {
      MemorySegment.copy(source.data(), 0, zeros, 0, source.data().byteSize());
    }
    return zeros;
  }

  private MemorySegment zeros(long bytes) {
    if (memory.byteSize() < bytes) {
      grow(bytes);
    }
    return memory.asSlice(0, bytes).fill((byte) 0);
  }

  @SuppressWarnings("MustBeClosedChecker") // As in the constructor.
  private void grow(long bytes) {
    Arena old = arena;
    arena = Arena.ofShared();
    memory = arena.allocate(bytes, 64);
    old.close();
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
