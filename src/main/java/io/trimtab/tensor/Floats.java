package io.trimtab.tensor;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Conversions between float and the two 16-bit float formats, over native memory. */
public final class Floats {
  private Floats() {}

  /** The float that a bfloat16 stands for: exact. */
  public static float fromBf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to nearest, ties to even, as PyTorch does; NaN stays NaN. */
  public static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  /**
   * Copies {@code count} elements of {@code dtype} (F32, F16 or BF16) at element {@code from} of
   * {@code source} to float elements of {@code target} at element {@code to}.
   */
  public static void toF32(
      MemorySegment source, DType dtype, long from, MemorySegment target, long to, long count) {
    switch (dtype) {
      case F32 -> MemorySegment.copy(source, from * 4, target, to * 4, count * 4);
      case BF16 -> {
        for (long i = 0; i < count; i++) {
          short bits = source.get(JAVA_SHORT_UNALIGNED, (from + i) * 2);
          target.set(JAVA_FLOAT_UNALIGNED, (to + i) * 4, fromBf16(bits));
        }
      }
      case F16 -> {
        for (long i = 0; i < count; i++) {
          short bits = source.get(JAVA_SHORT_UNALIGNED, (from + i) * 2);
          target.set(JAVA_FLOAT_UNALIGNED, (to + i) * 4, Float.float16ToFloat(bits));
        }
      }
      case U8, I8, I32, I64, BOOL, F64 -> throw notFloat(dtype);
    }
  }

  /**
   * Converts {@code count} elements of {@code source} (F32, F16 or BF16) to {@code targetType}
   * (likewise), from the start of both. Values beyond F16's range become infinite, as in PyTorch.
   */
  public static void convert(
      MemorySegment source, DType sourceType, MemorySegment target, DType targetType, long count) {
    if (sourceType == targetType) {
      MemorySegment.copy(source, 0, target, 0, count * sourceType.bytes());
      return;
    }
    if (targetType == DType.F32) {
      toF32(source, sourceType, 0, target, 0, count);
      return;
    }
    for (long i = 0; i < count; i++) {
      set(target, targetType, i, get(source, sourceType, i));
    }
  }

  /** Writes one element, rounded to nearest even where {@code dtype} is narrower than a float. */
  public static void set(MemorySegment target, DType dtype, long index, float value) {
    switch (dtype) {
      case F32 -> target.set(JAVA_FLOAT_UNALIGNED, index * 4, value);
      case BF16 -> target.set(JAVA_SHORT_UNALIGNED, index * 2, toBf16(value));
      case F16 -> target.set(JAVA_SHORT_UNALIGNED, index * 2, Float.floatToFloat16(value));
      case U8, I8, I32, I64, BOOL, F64 -> throw notFloat(dtype);
    }
  }

  /** One element as a float. */
  public static float get(MemorySegment source, DType dtype, long index) {
    return switch (dtype) {
      case F32 -> source.get(JAVA_FLOAT_UNALIGNED, index * 4);
      case BF16 -> fromBf16(source.get(JAVA_SHORT_UNALIGNED, index * 2));
      case F16 -> Float.float16ToFloat(source.get(JAVA_SHORT_UNALIGNED, index * 2));
      case U8, I8, I32, I64, BOOL, F64 -> throw notFloat(dtype);
    };
  }

  /**
   * All elements of a float tensor (F32, F16 or BF16) as a new array on the heap; for small ones.
   */
  public static float[] toArray(Tensor tensor) {
    int count = Math.toIntExact(tensor.shape().elements());
    float[] values = new float[count];
    if (tensor.dtype() == DType.F32) {
      MemorySegment.copy(tensor.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values, 0, count);
      return values;
    }
    for (int i = 0; i < count; i++) {
      values[i] = get(tensor.data(), tensor.dtype(), i);
    }
    return values;
  }

  private static IllegalArgumentException notFloat(DType dtype) {
    return new IllegalArgumentException("Expected F32, F16 or BF16, got " + dtype);
  }
}
