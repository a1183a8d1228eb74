package io.trimtab.model.graph;

import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/**
 * A checkpoint's linear weight {@code [outputs, inputs]} in the forms that kernels want:
 * transposed, or in quantised blocks. Reads mapped memory and writes mapped memory; rows go in
 * parallel.
 */
final class LinearWeights {
  /** Weights that share one scale in {@code MatMulNBits}. */
  static final int BLOCK = 32;

  /**
   * Side of the square that a transposition moves at a time: both sides stay in the first cache.
   */
  private static final int TILE = 32;

  private LinearWeights() {}

  /**
   * Writes {@code [inputs, outputs]} in {@code dtype} (F32, F16 or BF16): what MatMul takes on its
   * right.
   */
  static void transposed(Tensor weight, DType dtype, MemorySegment target) {
    int outputs = Math.toIntExact(weight.shape().dim(0));
    int inputs = Math.toIntExact(weight.shape().elements() / outputs);
    IntStream.range(0, (inputs + TILE - 1) / TILE)
        .parallel()
        .forEach(
            tile -> {
              int end = Math.min(inputs, (tile + 1) * TILE);
              for (int outFrom = 0; outFrom < outputs; outFrom += TILE) {
                int outEnd = Math.min(outputs, outFrom + TILE);
                for (int in = tile * TILE; in < end; in++) {
                  for (int out = outFrom; out < outEnd; out++) {
                    float value =
                        Floats.get(weight.data(), weight.dtype(), (long) out * inputs + in);
                    Floats.set(target, dtype, (long) in * outputs + out, value);
                  }
                }
              }
            });
  }

  /** Number of blocks along the inputs; the last may be padded with zeros. */
  static int blocks(int inputs) {
    return (inputs + BLOCK - 1) / BLOCK;
  }

  /**
   * Scale of each block, {@code [outputs, blocks]} float32: largest magnitude over the largest
   * integer.
   */
  static void scales(Tensor weight, int bits, MemorySegment target) {
    forEachBlock(
        weight,
        (output, block, values, count) ->
            target.setAtIndex(
                ValueLayout.JAVA_FLOAT_UNALIGNED,
                (long) output * blocks(inputs(weight)) + block,
                scale(values, count, bits)));
  }

  /**
   * Writes {@code [outputs, blocks, BLOCK·bits/8]} unsigned integers around the zero point
   * 2^(bits−1); at 4 bits the even element is the low half of its byte.
   */
  static void quantized(Tensor weight, int bits, MemorySegment target) {
    int zero = 1 << (bits - 1);
    int bytesPerBlock = BLOCK * bits / 8;
    forEachBlock(
        weight,
        (output, block, values, count) -> {
          float scale = scale(values, count, bits);
          long at = ((long) output * blocks(inputs(weight)) + block) * bytesPerBlock;
          for (int i = 0; i < BLOCK; i++) {
            float value = i < count ? values[i] : 0;
            int level = scale == 0 ? zero : (int) Math.rint(value / scale) + zero;
            int clipped = Math.clamp(level, 0, (1 << bits) - 1);
            if (bits == 8) {
              target.set(ValueLayout.JAVA_BYTE, at + i, (byte) clipped);
            } else if (i % 2 == 0) {
              target.set(ValueLayout.JAVA_BYTE, at + i / 2, (byte) clipped);
            } else {
              byte low = target.get(ValueLayout.JAVA_BYTE, at + i / 2);
              target.set(ValueLayout.JAVA_BYTE, at + i / 2, (byte) (low | (clipped << 4)));
            }
          }
        });
  }

  private static float scale(float[] values, int count, int bits) {
    float largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    return largest / ((1 << (bits - 1)) - 1);
  }

  private static int inputs(Tensor weight) {
    return Math.toIntExact(weight.shape().elements() / weight.shape().dim(0));
  }

  private static void forEachBlock(Tensor weight, BlockVisitor visitor) {
    int outputs = Math.toIntExact(weight.shape().dim(0));
    int inputs = inputs(weight);
    IntStream.range(0, outputs)
        .parallel()
        .forEach(
            output -> {
              float[] values = new float[BLOCK];
              for (int block = 0; block < blocks(inputs); block++) {
                int count = Math.min(BLOCK, inputs - block * BLOCK);
                for (int i = 0; i < count; i++) {
                  long index = (long) output * inputs + (long) block * BLOCK + i;
                  values[i] = Floats.get(weight.data(), weight.dtype(), index);
                }
                visitor.visit(output, block, values, count);
              }
            });
  }

  private interface BlockVisitor {
    void visit(int output, int block, float[] values, int count);
  }
}
