package io.trimtab.ort;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory that ONNX Runtime allocated, as a segment that dies when this is closed: access through it
 * or its slices then throws. On a GPU the segment only carries address and bounds. Frees nothing
 * itself.
 */
final class NativeBlock implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;

  NativeBlock(long address, long bytes) {
    memory = MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
  }

  MemorySegment memory() {
    return memory;
  }

  @Override
  public void close() {
    arena.close();
  }
}
