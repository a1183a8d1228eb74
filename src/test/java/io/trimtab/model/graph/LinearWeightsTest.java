package io.trimtab.model.graph;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearWeightsTest {
  private static final long SEED = 5;

  private static MemorySegment bytes(long count) {
    MemorySegment memory = MemorySegment.ofArray(new byte[Math.toIntExact(count)]);
    // What the target held before must not matter.
    return memory.fill((byte) 0x5a);
  }

  private static Tensor weight(DType dtype, int outputs, int inputs) {
    Random random = new Random(SEED);
    MemorySegment data = bytes((long) outputs * inputs * dtype.bytes());
    for (int i = 0; i < outputs * inputs; i++) {
      Floats.set(data, dtype, i, (float) random.nextGaussian());
    }
    return new Tensor(dtype, Shape.of(outputs, inputs), data);
  }

  private static float at(Tensor weight, int output, int input) {
    return Floats.get(weight.data(), weight.dtype(), output * weight.shape().dim(1) + input);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, F32, F32",
    "33, 70, BF16, F32",
    "7, 97, BF16, BF16",
    "65, 31, F16, F32",
    "64, 32, F32, BF16",
    "3, 129, F32, F16"
  })
  void transpositionIsTheNaiveOne(int outputs, int inputs, DType from, DType to) {
    Tensor weight = weight(from, outputs, inputs);
    MemorySegment target = bytes((long) outputs * inputs * to.bytes());
    LinearWeights.transposed(weight, to, target);
    MemorySegment rounded = bytes(to.bytes());
    for (int out = 0; out < outputs; out++) {
      for (int in = 0; in < inputs; in++) {
        Floats.set(rounded, to, 0, at(weight, out, in));
        assertThat(Floats.get(target, to, (long) in * outputs + out))
            .isEqualTo(Floats.get(rounded, to, 0));
      }
    }
  }

  @Test
  void aKernelOfMoreDimensionsIsTransposedAsRowsPerOutput() {
    Tensor flat = weight(DType.F32, 4, 24);
    Tensor kernel = new Tensor(DType.F32, Shape.of(4, 2, 3, 4), flat.data());
    MemorySegment expected = bytes(4 * 24 * 4);
    MemorySegment target = bytes(4 * 24 * 4);
    LinearWeights.transposed(flat, DType.F32, expected);
    LinearWeights.transposed(kernel, DType.F32, target);
    assertThat(target.mismatch(expected)).isEqualTo(-1);
  }

  /** A weight in blocks, as MatMulNBits reads it. */
  private record Blocks(int bits, int blocks, MemorySegment levels, MemorySegment scales) {
    static Blocks of(Tensor weight, int bits) {
      int outputs = (int) weight.shape().dim(0);
      int blocks = LinearWeights.blocks((int) weight.shape().dim(1));
      MemorySegment levels = bytes((long) outputs * blocks * LinearWeights.BLOCK * bits / 8);
      MemorySegment scales = bytes((long) outputs * blocks * 4);
      LinearWeights.quantized(weight, bits, levels);
      LinearWeights.scales(weight, bits, scales);
      return new Blocks(bits, blocks, levels, scales);
    }

    float scale(int output, int input) {
      return Floats.get(scales, DType.F32, output * blocks + input / LinearWeights.BLOCK);
    }

    /** The unsigned integer of one weight; {@code input} may lie in the padding. */
    int level(int output, int input) {
      int element = output * blocks * LinearWeights.BLOCK + input;
      int whole = Byte.toUnsignedInt(levels.get(JAVA_BYTE, (long) element * bits / 8));
      return bits == 8 ? whole : element % 2 == 0 ? whole & 0xf : whole >>> 4;
    }

    float value(int output, int input) {
      return (level(output, input) - (1 << (bits - 1))) * scale(output, input);
    }
  }

  @ParameterizedTest
  @CsvSource({"8, F32", "8, BF16", "4, F32", "4, F16"})
  void aQuantisedWeightLiesWithinHalfAStepOfItsValue(int bits, DType dtype) {
    Tensor weight = weight(dtype, 5, 75);
    Blocks blocks = Blocks.of(weight, bits);
    for (int out = 0; out < 5; out++) {
      for (int in = 0; in < 75; in++) {
        float halfStep = blocks.scale(out, in) / 2;
        // A float's own rounding comes on top.
        assertThat(blocks.value(out, in)).isCloseTo(at(weight, out, in), within(halfStep * 1.001f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 4})
  void theLargestMagnitudeOfABlockIsKeptWithEitherSign(int bits) {
    Tensor weight = weight(DType.F32, 2, 32);
    Floats.set(weight.data(), DType.F32, 3, 50);
    Floats.set(weight.data(), DType.F32, 32 + 9, -70);
    Blocks blocks = Blocks.of(weight, bits);
    assertThat(blocks.value(0, 3)).isCloseTo(50, within(1e-4f));
    assertThat(blocks.value(1, 9)).isCloseTo(-70, within(1e-4f));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 4})
  void theLastBlockIsPaddedWithZeros(int bits) {
    Tensor weight = weight(DType.F32, 3, 37);
    Blocks blocks = Blocks.of(weight, bits);
    assertThat(blocks.blocks).isEqualTo(2);
    for (int out = 0; out < 3; out++) {
      for (int in = 37; in < 64; in++) {
        assertThat(blocks.value(out, in)).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 4})
  void aBlockOfZerosStaysZero(int bits) {
    Tensor weight = new Tensor(DType.F32, Shape.of(1, 32), bytes(128).fill((byte) 0));
    Blocks blocks = Blocks.of(weight, bits);
    assertThat(blocks.scale(0, 0)).isZero();
    assertThat(blocks.level(0, 31)).isEqualTo(1 << (bits - 1));
  }
}
