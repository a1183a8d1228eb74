package io.trimtab.model.graph;

import java.lang.foreign.MemorySegment;

/**
 * Fills the bytes of one weight, so that gigabytes go from file to file and never pass the heap.
 */
@FunctionalInterface
public interface WeightSource {
  /**
   * Writes the whole weight, row-major and little-endian.
   *
   * @param target exactly the weight's bytes, inside the mapped data file; not valid after the call
   */
  void write(MemorySegment target);
}
