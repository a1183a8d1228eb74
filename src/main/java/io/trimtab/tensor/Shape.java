package io.trimtab.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Sizes of a tensor's dimensions, outermost first; no dimensions is a scalar. Immutable. */
public record Shape(long... dims) {
  public Shape {
    dims = dims.clone();
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("A dimension is negative: " + Arrays.toString(dims));
      }
    }
  }

  public static Shape of(long... dims) {
    return new Shape(dims);
  }

  @Override
  public long[] dims() {
    return dims.clone();
  }

  public int rank() {
    return dims.length;
  }

  /** Size of one dimension; a negative axis counts from the last. */
  public long dim(int axis) {
    return dims[axis < 0 ? dims.length + axis : axis];
  }

  /** Number of elements. Throws {@link ArithmeticException} where it does not fit 63 bits. */
  public long elements() {
    long elements = 1;
    for (long dim : dims) {
      elements = Math.multiplyExact(elements, dim);
    }
    return elements;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining(", ", "[", "]"));
  }
}
