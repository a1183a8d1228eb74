package io.trimtab.ort;

import io.trimtab.tensor.DType;
import java.util.List;
import java.util.OptionalLong;

/** What a graph says of one input or output. */
public record TensorInfo(String name, DType dtype, List<Dim> dims) {
  /** One dimension: its size where the graph fixes it, its name (or none, empty) where free. */
  public record Dim(OptionalLong size, String name) {
    @Override
    public String toString() {
      return size.isPresent() ? Long.toString(size.getAsLong()) : name.isEmpty() ? "?" : name;
    }
  }

  public TensorInfo {
    dims = List.copyOf(dims);
  }

  @Override
  public String toString() {
    return "%s %s %s".formatted(name, dtype, dims);
  }
}
