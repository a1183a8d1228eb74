package io.trimtab.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FloatsTest {
  private static Tensor floats(float... values) {
    MemorySegment data = MemorySegment.ofArray(new byte[values.length * 4]);
    for (int i = 0; i < values.length; i++) {
      Floats.set(data, DType.F32, i, values[i]);
    }
    return new Tensor(DType.F32, Shape.of(values.length), data);
  }

  private static MemorySegment memory(DType dtype, int elements) {
    return MemorySegment.ofArray(new byte[elements * dtype.bytes()]);
  }

  @Test
  void everyBfloat16SurvivesTheWayThroughAFloat() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Floats.fromBf16((short) bits);
      if (!Float.isNaN(value)) {
        assertThat(Floats.toBf16(value)).isEqualTo((short) bits);
      }
    }
  }

  /** Bits of a float, and of the bfloat16 next to it. */
  @ParameterizedTest
  @CsvSource({
    "3f808000, 3f80", // a tie goes down to even
    "3f818000, 3f82", // a tie goes up to even
    "3f808001, 3f81", // just above a tie
    "bf808001, bf81",
    "00008001, 0001", // subnormal
    "7f7fffff, 7f80", // the largest float lies beyond the largest bfloat16
    "80000000, 8000", // minus zero
    "ff800000, ff80"
  })
  void bfloat16IsRoundedToTheNearestWithTiesToEven(String from, String to) {
    float value = Float.intBitsToFloat(Integer.parseUnsignedInt(from, 16));
    assertThat(Floats.toBf16(value)).isEqualTo((short) Integer.parseInt(to, 16));
  }

  @Test
  void aNanWhoseUpperBitsAreThoseOfInfinityStaysNan() {
    float low = Float.intBitsToFloat(0x7f800001);
    assertThat(Floats.fromBf16(Floats.toBf16(low))).isNaN();
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void conversionFromAndToEveryFloatTypeKeepsWhatTheNarrowestCanHold(DType dtype) {
    float[] values = {0, -1.5f, 0.0078125f, 96};
    MemorySegment narrow = memory(dtype, 4);
    Floats.convert(floats(values).data(), DType.F32, narrow, dtype, 4);
    for (DType other : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      MemorySegment target = memory(other, 4);
      Floats.convert(narrow, dtype, target, other, 4);
      assertThat(Floats.toArray(new Tensor(other, Shape.of(4), target))).containsExactly(values);
    }
  }

  @Test
  void valuesBeyondFloat16BecomeInfinite() {
    MemorySegment target = memory(DType.F16, 2);
    Floats.convert(floats(70_000, -1e9f).data(), DType.F32, target, DType.F16, 2);
    assertThat(Floats.toArray(new Tensor(DType.F16, Shape.of(2), target)))
        .containsExactly(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void aPartIsCopiedFromElementToElement(DType dtype) {
    MemorySegment source = memory(dtype, 4);
    Floats.convert(floats(1, 2, 3, 4).data(), DType.F32, source, dtype, 4);
    Tensor target = floats(9, 9, 9, 9);
    Floats.toF32(source, dtype, 1, target.data(), 2, 2);
    assertThat(Floats.toArray(target)).containsExactly(9, 9, 2, 3);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"F32", "F16", "BF16"},
      mode = EnumSource.Mode.EXCLUDE)
  void otherTypesAreRefused(DType dtype) {
    MemorySegment data = memory(dtype, 1);
    String message = "Expected F32, F16 or BF16, got " + dtype;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Floats.get(data, dtype, 0))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Floats.set(data, dtype, 0, 1))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Floats.toF32(data, dtype, 0, memory(DType.F32, 1), 0, 1))
        .withMessage(message);
  }
}
