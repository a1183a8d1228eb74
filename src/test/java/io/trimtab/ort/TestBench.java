package io.trimtab.ort;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.trimtab.model.graph.OnnxGraph;
import io.trimtab.model.graph.WeightSource;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A test bench: an environment, native tensors, and a graph saved, opened and bound. */
final class TestBench implements AutoCloseable {
  final Arena arena = Arena.ofShared();
  final OrtEnvironment environment;
  private final Path folder;
  private final List<AutoCloseable> open = new ArrayList<>();
  private int graphs;

  TestBench(Path folder) throws IOException {
    this.folder = folder;
    this.environment = OrtEnvironment.open();
  }

  static SessionOptions plain(SessionOptions.Optimization optimization) {
    return SessionOptions.on(Device.cpu(), 1).with(optimization);
  }

  OrtSession session(OnnxGraph graph, SessionOptions.Optimization optimization) throws IOException {
    String name = "graph" + graphs++;
    graph.save(folder, name, WriteProgress.silent());
    OrtSession session =
        OrtSession.open(environment, folder.resolve(name + ".onnx"), plain(optimization));
    open.add(session);
    return session;
  }

  OrtBinding binding(OnnxGraph graph, SessionOptions.Optimization optimization) throws IOException {
    OrtBinding binding = session(graph, optimization).binding();
    open.add(binding);
    return binding;
  }

  OrtTensor floats(Shape shape, float... values) {
    MemorySegment data = arena.allocate(shape.elements() * 4, 64);
    MemorySegment.copy(values, 0, data, JAVA_FLOAT, 0, values.length);
    return tensor(DType.F32, shape, data);
  }

  OrtTensor ints(Shape shape, int... values) {
    MemorySegment data = arena.allocate(shape.elements() * 4, 64);
    MemorySegment.copy(values, 0, data, JAVA_INT, 0, values.length);
    return tensor(DType.I32, shape, data);
  }

  OrtTensor longs(Shape shape, long... values) {
    MemorySegment data = arena.allocate(shape.elements() * 8, 64);
    MemorySegment.copy(values, 0, data, JAVA_LONG, 0, values.length);
    return tensor(DType.I64, shape, data);
  }

  OrtTensor tensor(DType dtype, Shape shape, MemorySegment data) {
    OrtTensor tensor = OrtTensor.over(environment, new Tensor(dtype, shape, data));
    open.add(tensor);
    return tensor;
  }

  /** Runs, and gives the F32 outputs in the order of binding. */
  static List<float[]> run(OrtBinding binding) {
    binding.run();
    List<float[]> results = new ArrayList<>();
    for (OrtTensor output : binding.outputValues()) {
      try (output) {
        if (output.dtype() == DType.F32) {
          results.add(Floats.toArray(output.tensor()));
        }
      }
    }
    return results;
  }

  static float[] read(OrtTensor tensor) {
    return Floats.toArray(tensor.tensor());
  }

  static float[] random(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  static WeightSource source(float... values) {
    return target -> MemorySegment.copy(values, 0, target, JAVA_FLOAT, 0, values.length);
  }

  /** Row-major {@code [rows, inner] x [inner, columns]}. */
  static float[] matMul(float[] a, float[] b, int rows, int inner, int columns) {
    float[] product = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        double sum = 0;
        for (int i = 0; i < inner; i++) {
          sum += (double) a[r * inner + i] * b[i * columns + c];
        }
        product[r * columns + c] = (float) sum;
      }
    }
    return product;
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    environment.close();
    arena.close();
  }
}
