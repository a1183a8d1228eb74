package io.trimtab.engine.delta;

import io.trimtab.adapter.peft.LoraModule;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * The delta of one linear layer as the graphs take it: {@code y += (x a) b}.
 *
 * @param rank of PEFT's matrices, filled up with zeros to a multiple of {@link #RANK_STEP}
 * @param a {@code [1, inputs, rank]}: PEFT's {@code lora_A}, transposed
 * @param b {@code [1, rank, outputs]}: PEFT's {@code lora_B}, transposed, times scaling and scale
 */
record DeltaBlock(int rank, Tensor a, Tensor b) {
  /** Ranks come in steps of a vector register's floats, so that slots rarely differ in layout. */
  static final int RANK_STEP = 8;

  static int padded(int rank) {
    return Math.ceilDiv(rank, RANK_STEP) * RANK_STEP;
  }

  /** Elements of both matrices of a module. */
  static long elements(LoraModule module) {
    return (inputs(module) + outputs(module)) * padded(module.rank());
  }

  private static long inputs(LoraModule module) {
    return module.a().shape().dim(1);
  }

  private static long outputs(LoraModule module) {
    return module.b().shape().dim(0);
  }

  /**
   * Writes a module in this form into zeroed memory.
   *
   * @param memory of {@link #elements} elements of {@code dtype}
   * @param scale that the delta is served at
   */
  static DeltaBlock write(LoraModule module, float scale, DType dtype, MemorySegment memory) {
    int inputs = Math.toIntExact(inputs(module));
    int outputs = Math.toIntExact(outputs(module));
    int rank = padded(module.rank());
    long aBytes = (long) inputs * rank * dtype.bytes();
    Tensor a = new Tensor(dtype, Shape.of(1, inputs, rank), memory.asSlice(0, aBytes));
    Tensor b = new Tensor(dtype, Shape.of(1, rank, outputs), memory.asSlice(aBytes));
    transpose(module.a(), a.data(), dtype, rank, 1);
    transpose(module.b(), b.data(), dtype, outputs, module.scaling() * scale);
    return new DeltaBlock(rank, a, b);
  }

  /** Element {@code [i, j]} of the source goes to {@code [j, i]}, rows {@code stride} apart. */
  private static void transpose(
      Tensor source, MemorySegment target, DType dtype, int stride, float factor) {
    int rows = Math.toIntExact(source.shape().dim(0));
    int columns = Math.toIntExact(source.shape().dim(1));
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        float value = Floats.get(source.data(), source.dtype(), (long) i * columns + j);
        Floats.set(target, dtype, (long) j * stride + i, value * factor);
      }
    }
  }
}
