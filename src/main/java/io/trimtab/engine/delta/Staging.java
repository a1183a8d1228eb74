package io.trimtab.engine.delta;

import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtTensor;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Host memory in which a block of a smaller rank, or zeros, takes a slot's layout before it is
 * copied there. Grows to the largest block. Owned by the step loop's thread.
 */
final class Staging implements AutoCloseable {
  private final OrtEnvironment environment;
  private final DType dtype;
  private Arena arena = Arena.ofShared();
  private MemorySegment memory = MemorySegment.NULL;

  @SuppressWarnings("MustBeClosedChecker") // The arena is closed with this, or when it grows.
  Staging(OrtEnvironment environment, DType dtype) {
    this.environment = environment;
    this.dtype = dtype;
  }

  /**
   * Fills {@code target [1, rows, columns]} with {@code source [1, rows, fewer columns]} and zeros
   * behind each row; with zeros alone where there is no source.
   */
  void copyRows(@Nullable Tensor source, OrtTensor target) {
    MemorySegment zeros = zeros(target);
    if (source != null) {
      long from = source.shape().dim(2) * dtype.bytes();
      long to = target.shape().dim(2) * dtype.bytes();
      for (long row = 0; row < source.shape().dim(1); row++) {
        MemorySegment.copy(source.data(), row * from, zeros, row * to, from);
      }
    }
    copy(zeros, target);
  }

  /** Fills {@code target [1, rows, columns]} with fewer rows and zeros behind them. */
  void copyStart(@Nullable Tensor source, OrtTensor target) {
    MemorySegment zeros = zeros(target);
    if (source != null) {
      MemorySegment.copy(source.data(), 0, zeros, 0, source.data().byteSize());
    }
    copy(zeros, target);
  }

  private MemorySegment zeros(OrtTensor target) {
    Shape shape = target.shape();
    long bytes = shape.elements() * dtype.bytes();
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

  private void copy(MemorySegment laidOut, OrtTensor target) {
    try (OrtTensor source =
        OrtTensor.over(environment, new Tensor(dtype, target.shape(), laidOut))) {
      source.copyTo(target);
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
