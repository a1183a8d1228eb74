package io.trimtab.adapter.peft;

import io.trimtab.tensor.DType;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Reads F32, F16 and BF16 tensors piece by piece as the bits of floats. One thread at a time. */
final class FloatPieces {
  /** What is done with a piece. */
  @FunctionalInterface
  interface Reader {
    /**
     * @param bits the piece's floats as raw bits are the first {@code count}
     * @param first index of the first of them in the tensor, row-major
     */
    void read(int[] bits, int count, long first);
  }

  /** Three buffers of this many elements stay within a core's nearest caches. */
  private static final int PIECE = 8192;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int[] bits = new int[PIECE];
  private final short[] halves = new short[PIECE];

  void each(Tensor tensor, Reader reader) {
    long elements = tensor.shape().elements();
    for (long first = 0; first < elements; first += PIECE) {
      int count = (int) Math.min(PIECE, elements - first);
      load(tensor, first, count);
      reader.read(bits, count, first);
    }
  }

  private void load(Tensor tensor, long first, int count) {
    MemorySegment data = tensor.data();
    switch (tensor.dtype()) {
      case F32 -> MemorySegment.copy(data, INT, first * 4, bits, 0, count);
      case BF16 -> {
        MemorySegment.copy(data, SHORT, first * 2, halves, 0, count);
        for (int i = 0; i < count; i++) {
          bits[i] = halves[i] << 16;
        }
      }
      case F16 -> {
        MemorySegment.copy(data, SHORT, first * 2, halves, 0, count);
        for (int i = 0; i < count; i++) {
          bits[i] = Float.floatToRawIntBits(Float.float16ToFloat(halves[i]));
        }
      }
      case U8, I8, I32, I64, BOOL, F64 ->
          throw new IllegalArgumentException("Expected F32, F16 or BF16, got " + tensor.dtype());
    }
  }

  /** Whether a tensor can be read as floats. */
  static boolean reads(DType dtype) {
    return switch (dtype) {
      case F32, F16, BF16 -> true;
      case U8, I8, I32, I64, BOOL, F64 -> false;
    };
  }
}
