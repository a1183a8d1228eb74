package io.trimtab.engine.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.model.TextConfig;
import io.trimtab.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunBuffersTest {
  private static final long ROW_BYTES = 16 * Float.BYTES;

  /** Memory of no arena in particular is bounded by the heap's maximum, whatever it is for. */
  @Test
  void wholeRowsOfLogitsGrowByDoublingInTheExecutorsOwnMemory() {
    TextConfig text = new TextConfig(8, 12, 2, 2, 1, 4, 16, 1e-6f, 10_000, List.of(), false, 64);
    try (Arena arena = Arena.ofConfined()) {
      RunBuffers buffers = new RunBuffers(arena, text, DType.F32, 8, 64, 0);
      MemorySegment one = buffers.fullLogits(1);
      assertThat(one.byteSize()).isEqualTo(ROW_BYTES);
      assertThat(one.scope()).isEqualTo(arena.scope());
      MemorySegment eight = buffers.fullLogits(5);
      assertThat(eight.byteSize()).isEqualTo(8 * ROW_BYTES);
      assertThat(eight.scope()).isEqualTo(arena.scope());
      assertThat(buffers.fullLogits(8)).isSameAs(eight);
      assertThat(buffers.fullLogits(2)).isSameAs(eight);
      assertThat(buffers.fullLogits(64).byteSize()).isEqualTo(64 * ROW_BYTES);
    }
  }
}
