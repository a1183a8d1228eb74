package io.trimtab.engine.delta;

import io.trimtab.adapter.peft.DeltaTarget;
import io.trimtab.adapter.peft.LoraModule;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.model.TextConfig;
import io.trimtab.model.graph.OnnxGraph;
import io.trimtab.model.graph.Projection;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.ort.Device;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.SessionOptions;
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
import java.util.SplittableRandom;

/** A decoder of two narrow layers, deltas for it, and a session that has memory but no model. */
final class DeltaBench implements AutoCloseable {
  static final TextConfig TEXT =
      new TextConfig(8, 12, 2, 2, 1, 4, 16, 1e-6f, 10_000, List.of(), false, 64);

  final Arena arena = Arena.ofShared();
  final OrtEnvironment environment;
  final OrtSession session;
  final EmptyDeltas empty;

  DeltaBench(Path folder) throws IOException {
    environment = OrtEnvironment.open();
    OnnxGraph graph = new OnnxGraph("memory");
    String x = graph.input("x", DType.F32, 1);
    graph.output(graph.node("Relu", List.of(x)), DType.F32, 1);
    graph.save(folder, "memory", WriteProgress.silent());
    session =
        OrtSession.open(
            environment, folder.resolve("memory.onnx"), SessionOptions.on(Device.cpu(), 1));
    empty = new EmptyDeltas(environment, TEXT, DType.F32);
  }

  /** A module of random values at one place, scaling 2. */
  LoraModule module(int layer, Projection projection, int rank, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new LoraModule(
        new DeltaTarget.Decoder(layer, projection),
        matrix(random, rank, projection.inputs(TEXT)),
        matrix(random, projection.outputs(TEXT), rank),
        2);
  }

  private Tensor matrix(SplittableRandom random, int rows, int columns) {
    MemorySegment data = arena.allocate(4L * rows * columns, 64);
    for (int i = 0; i < rows * columns; i++) {
      Floats.set(data, DType.F32, i, (float) (random.nextDouble() + 0.5));
    }
    return new Tensor(DType.F32, Shape.of(rows, columns), data);
  }

  /** A delta of these modules alone; the caller closes it. */
  HostDelta delta(LoraModule... modules) {
    PeftAdapter adapter = new PeftAdapter(List.of(modules), "digest");
    return new HostDelta(new DeltaKey("digest", 1), adapter, DType.F32, environment, empty);
  }

  /** A delta of one rank at a projection in both layers; the caller closes it. */
  HostDelta delta(Projection projection, int rank, long seed) {
    return delta(module(0, projection, rank, seed), module(1, projection, rank, seed + 1));
  }

  /** What {@code bound} holds for the row at a site: a, then b, as plain numbers. */
  static List<float[]> read(BoundDeltas bound, int site, int row) {
    return List.of(row(bound.a(site).tensor(), row), row(bound.b(site).tensor(), row));
  }

  private static float[] row(Tensor tensor, int row) {
    int size = Math.toIntExact(tensor.shape().dim(1) * tensor.shape().dim(2));
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = Floats.get(tensor.data(), tensor.dtype(), (long) row * size + i);
    }
    return values;
  }

  /** The same for a module by itself, in a slot of some rank; zeros where there is none. */
  static List<float[]> expected(
      List<LoraModule> modules, Projection projection, int layer, int rank) {
    int inputs = projection.inputs(TEXT);
    int outputs = projection.outputs(TEXT);
    float[] a = new float[inputs * rank];
    float[] b = new float[rank * outputs];
    for (LoraModule module : modules) {
      if (module.target().equals(new DeltaTarget.Decoder(layer, projection))) {
        for (int r = 0; r < module.rank(); r++) {
          for (int i = 0; i < inputs; i++) {
            a[i * rank + r] = Floats.get(module.a().data(), DType.F32, (long) r * inputs + i);
          }
          for (int o = 0; o < outputs; o++) {
            int at = o * module.rank() + r;
            b[r * outputs + o] = Floats.get(module.b().data(), DType.F32, at) * module.scaling();
          }
        }
      }
    }
    return new ArrayList<>(List.of(a, b));
  }

  @Override
  public void close() {
    empty.close();
    session.close();
    environment.close();
    arena.close();
  }
}
