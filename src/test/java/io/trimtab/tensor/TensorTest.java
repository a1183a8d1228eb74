package io.trimtab.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class TensorTest {
  @Test
  void aShapeKeepsItsSizesWhateverBecomesOfTheArrays() {
    long[] dims = {2, 3};
    Shape shape = new Shape(dims);
    dims[0] = 7;
    shape.dims()[1] = 7;
    assertThat(shape).isEqualTo(Shape.of(2, 3)).hasSameHashCodeAs(Shape.of(2, 3));
    assertThat(shape).isNotEqualTo(Shape.of(3, 2)).hasToString("[2, 3]");
  }

  @Test
  void negativeAxesCountFromTheLast() {
    Shape shape = Shape.of(2, 3, 5);
    assertThat(shape.rank()).isEqualTo(3);
    assertThat(shape.dim(0)).isEqualTo(2);
    assertThat(shape.dim(-1)).isEqualTo(5);
  }

  @Test
  void aScalarHasOneElementAndAZeroDimensionNone() {
    assertThat(Shape.of().elements()).isEqualTo(1);
    assertThat(Shape.of(4, 0).elements()).isZero();
  }

  @Test
  void sizesThatMakeNoSenseAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shape.of(2, -1))
        .withMessage("A dimension is negative: [2, -1]");
    Shape large = Shape.of(1L << 32, 1L << 31);
    assertThatThrownBy(large::elements).isInstanceOf(ArithmeticException.class);
  }

  @Test
  void memoryOfAnotherSizeThanShapeAndTypeAskForIsRefused() {
    MemorySegment data = MemorySegment.ofArray(new byte[10]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Tensor(DType.BF16, Shape.of(2, 3), data))
        .withMessage("A tensor BF16 [2, 3] takes 12 bytes, the memory has 10");
  }
}
