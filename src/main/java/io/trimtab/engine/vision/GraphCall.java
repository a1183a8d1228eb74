package io.trimtab.engine.vision;

import io.trimtab.ort.OrtBinding;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtTensor;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * One run of a graph whose shapes differ from call to call: binds memory of a caller's arena and
 * closes the tensors over it. The step loop, which runs the same shapes again and again, has runs
 * of its own.
 */
public final class GraphCall implements AutoCloseable {
  /** Host memory with what it holds. */
  public record Memory(DType dtype, Shape shape, MemorySegment segment) {
    static Memory of(Tensor tensor) {
      return new Memory(tensor.dtype(), tensor.shape(), tensor.data());
    }

    /** The same elements under another shape. */
    Memory as(Shape other) {
      return new Memory(dtype, other, segment);
    }

    /** {@code count} entries of the outermost dimension. */
    Memory rows(int from, int count) {
      long[] dims = shape.dims();
      long rowBytes = segment.byteSize() / dims[0];
      dims[0] = count;
      return new Memory(dtype, new Shape(dims), segment.asSlice(from * rowBytes, count * rowBytes));
    }
  }

  private static final long ALIGNMENT = 64;

  private final OrtEnvironment environment;
  private final OrtBinding binding;
  private final Arena arena;
  private final List<OrtTensor> tensors = new ArrayList<>();

  GraphCall(OrtEnvironment environment, OrtBinding binding, Arena arena) {
    this.environment = environment;
    this.binding = binding;
    this.arena = arena;
  }

  static Memory allocate(Arena arena, DType dtype, long... dims) {
    Shape shape = new Shape(dims);
    return new Memory(dtype, shape, arena.allocate(shape.elements() * dtype.bytes(), ALIGNMENT));
  }

  void input(String name, Memory memory) {
    binding.bindInput(name, tensor(memory));
  }

  /** Floats from {@code from} on, as many as the shape has elements, in {@code dtype}. */
  void input(String name, float[] values, int from, DType dtype, Shape shape) {
    Memory memory = allocate(arena, dtype, shape.dims());
    int count = Math.toIntExact(shape.elements());
    if (dtype == DType.F32) {
      MemorySegment.copy(values, from, memory.segment, ValueLayout.JAVA_FLOAT, 0, count);
    } else {
      for (int i = 0; i < count; i++) {
        Floats.set(memory.segment, dtype, i, values[from + i]);
      }
    }
    input(name, memory);
  }

  void input(String name, long[] values, Shape shape) {
    Memory memory = allocate(arena, DType.I64, shape.dims());
    MemorySegment.copy(values, 0, memory.segment, ValueLayout.JAVA_LONG, 0, values.length);
    input(name, memory);
  }

  void output(String name, Memory memory) {
    binding.bindOutput(name, tensor(memory));
  }

  private OrtTensor tensor(Memory memory) {
    OrtTensor tensor =
        OrtTensor.over(environment, new Tensor(memory.dtype, memory.shape, memory.segment));
    tensors.add(tensor);
    return tensor;
  }

  @Override
  public void close() {
    tensors.forEach(OrtTensor::close);
  }
}
