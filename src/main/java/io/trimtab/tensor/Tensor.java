package io.trimtab.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A view of row-major, little-endian elements in native memory. It does not own the memory: whoever
 * mapped or allocated the segment does, and the view is good for as long as that owner is open.
 */
public record Tensor(DType dtype, Shape shape, MemorySegment data) {
  public Tensor {
    long expected = Math.multiplyExact(shape.elements(), dtype.bytes());
    if (data.byteSize() != expected) {
      throw new IllegalArgumentException(
          "A tensor %s %s takes %d bytes, the memory has %d"
              .formatted(dtype, shape, expected, data.byteSize()));
    }
  }
}
