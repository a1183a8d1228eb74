package io.trimtab.engine.vision;

import io.trimtab.engine.delta.HostDelta;
import io.trimtab.engine.delta.ProjectorDelta;
import io.trimtab.engine.vision.TowerFeatures.Order;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig.Llava15;
import io.trimtab.model.ModelConfig.LlavaAnyres;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import io.trimtab.model.graph.ModelGraphs;
import io.trimtab.model.graph.ProjectorShape;
import io.trimtab.model.image.AnyresPacking;
import io.trimtab.ort.OrtBinding;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.SessionOptions;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * From tower features to the embeddings that stand for a picture in the prompt: the projector with
 * a delta of its own, and the family's order of tokens. Any thread; one picture at a time, which
 * the lock is for.
 */
public final class MultimodalProjector implements AutoCloseable {
  private final OrtEnvironment environment;
  private final DType activation;
  private final ProjectorShape shape;
  private final float[] newline;
  private final OrtSession session;

  /**
   * @param options of the session that this opens and closes
   */
  public MultimodalProjector(
      OrtEnvironment environment,
      Checkpoint checkpoint,
      ModelGraphs graphs,
      SessionOptions options) {
    this.environment = environment;
    this.activation = graphs.precision().activation();
    this.shape = ProjectorShape.of(checkpoint.config());
    this.newline =
        switch (checkpoint.config()) {
          case LlavaAnyres llava ->
              Floats.toArray(checkpoint.weights().get("image_newline", llava.text().hiddenSize()));
          case Llava15 _, Qwen25Vl _ -> new float[0];
        };
    this.session = OrtSession.open(environment, graphs.projector(), options);
  }

  /**
   * Embeddings {@code [tokens, hidden]} of one picture.
   *
   * @param delta whose blocks for the projector apply; null for base
   */
  public synchronized ImageEmbeddings project(
      ImageKey key, TowerFeatures features, @Nullable HostDelta delta) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment projected = asFloats(run(features.features(), delta, arena), arena);
      int tokens = features.tokens();
      MemorySegment inOrder =
          switch (features.order()) {
            case Order.OfTokens _ -> projected;
            case Order.Tiled tiled -> {
              MemorySegment packed =
                  arena.allocate((long) tokens * newline.length * Float.BYTES, 64);
              AnyresPacking.pack(tiled.grid(), projected, newline, packed);
              yield packed;
            }
          };
      long elements = (long) tokens * shape.outputs();
      return new ImageEmbeddings(key, kept(inOrder, elements), tokens, features.grid());
    }
  }

  /** {@code [rows, inputs]} to {@code [rows, hidden]}. */
  private GraphCall.Memory run(GraphCall.Memory features, @Nullable HostDelta delta, Arena arena) {
    long rows = features.shape().dim(0);
    GraphCall.Memory embeddings = GraphCall.allocate(arena, activation, rows, shape.outputs());
    try (OrtBinding binding = session.binding();
        GraphCall call = new GraphCall(environment, binding, arena)) {
      call.input("features", features);
      bindDelta(call, arena, delta, 1, shape.inputs(), shape.inner());
      bindDelta(call, arena, delta, 2, shape.inner(), shape.outputs());
      call.output("embeddings", embeddings);
      binding.run();
    }
    return embeddings;
  }

  private void bindDelta(
      GraphCall call, Arena arena, @Nullable HostDelta delta, int layer, int inputs, int outputs) {
    ProjectorDelta block = delta == null ? null : delta.projector(layer);
    String name = "delta.projector.%d.".formatted(layer);
    if (block == null) {
      call.input(name + "a", GraphCall.allocate(arena, activation, 1, inputs, 0));
      call.input(name + "b", GraphCall.allocate(arena, activation, 1, 0, outputs));
    } else {
      call.input(name + "a", GraphCall.Memory.of(block.a()));
      call.input(name + "b", GraphCall.Memory.of(block.b()));
    }
  }

  private MemorySegment asFloats(GraphCall.Memory memory, Arena arena) {
    if (activation == DType.F32) {
      return memory.segment();
    }
    long count = memory.shape().elements();
    MemorySegment floats = arena.allocate(count * Float.BYTES, 64);
    Floats.convert(memory.segment(), activation, floats, DType.F32, count);
    return floats;
  }

  /** A copy in the activation's type that lives as long as someone holds it. */
  private MemorySegment kept(MemorySegment floats, long count) {
    MemorySegment kept = Arena.ofAuto().allocate(count * activation.bytes(), 64);
    Floats.convert(floats, DType.F32, kept, activation, count);
    return kept;
  }

  @Override
  public synchronized void close() {
    session.close();
  }
}
