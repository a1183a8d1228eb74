package io.trimtab.engine.execution;

import io.trimtab.model.text.RopePositions;
import io.trimtab.model.text.RotaryTable;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Rotary angles of a run's tokens, written as the graph takes them: float32 or the precision's 16
 * bits.
 */
final class RotaryRows {
  private final RotaryTable table;
  private final DType dtype;
  private final int halfHead;

  /** One float32 row of cosines and one of sines, on the way to 16 bits. */
  private final MemorySegment cosRow;

  private final MemorySegment sinRow;

  RotaryRows(RotaryTable table, DType dtype, int halfHead) {
    this.table = table;
    this.dtype = dtype;
    this.halfHead = halfHead;
    this.cosRow = Arena.ofAuto().allocate((long) halfHead * Float.BYTES, Float.BYTES);
    this.sinRow = Arena.ofAuto().allocate((long) halfHead * Float.BYTES, Float.BYTES);
  }

  /** Computes the angles of all positions below {@code positions}, so that no step has to. */
  void prepare(int positions) {
    table.prepare(positions);
  }

  /** The angles of prompt tokens {@code [from, from + count)} as the first rows. */
  void writePrompt(RopePositions positions, int from, int count, RunBuffers buffers) {
    if (dtype == DType.F32) {
      table.fill(positions, from, count, buffers.cos, buffers.sin, 0);
      return;
    }
    for (int i = 0; i < count; i++) {
      table.fill(positions, from + i, 1, cosRow, sinRow, 0);
      narrow(buffers, i);
    }
  }

  /** The angles of a token after the prompt: one position on all axes. */
  void writeGenerated(int position, RunBuffers buffers, int row) {
    if (dtype == DType.F32) {
      table.copyRow(position, buffers.cos, buffers.sin, row);
      return;
    }
    table.copyRow(position, cosRow, sinRow, 0);
    narrow(buffers, row);
  }

  private void narrow(RunBuffers buffers, int row) {
    long rowBytes = (long) halfHead * dtype.bytes();
    Floats.convert(
        cosRow, DType.F32, buffers.cos.asSlice(row * rowBytes, rowBytes), dtype, halfHead);
    Floats.convert(
        sinRow, DType.F32, buffers.sin.asSlice(row * rowBytes, rowBytes), dtype, halfHead);
  }
}
