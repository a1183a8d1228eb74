package io.trimtab.engine;

import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.LlavaOnevision;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.ModelGraphs;
import io.trimtab.model.graph.ProjectorShape;
import io.trimtab.model.image.AnyresPacking;
import io.trimtab.model.image.PatchedImage;
import io.trimtab.model.image.PreparedImage;
import io.trimtab.model.image.TiledImage;
import io.trimtab.model.image.WindowLayout;
import io.trimtab.model.text.GridShape;
import io.trimtab.ort.OrtBinding;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.SessionOptions;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * From a prepared picture to the embeddings that stand for it in the prompt: vision tower,
 * projector, and the family's own order of tokens. Any thread; one picture at a time, which the
 * lock is for.
 */
final class VisionEncoder implements AutoCloseable {
  /** Tiles that pass the tower at a time; bounds the scores that attention holds. */
  private static final int TILES_PER_RUN = 4;

  private final OrtEnvironment environment;
  private final ModelConfig config;
  private final DType activation;
  private final RotaryFrequencies rotaryFrequencies;
  private final OrtSession tower;
  private final OrtSession projector;
  private final ProjectorShape shape;
  private final float[] newline;

  /**
   * @param options of the sessions that this opens and closes
   */
  VisionEncoder(
      OrtEnvironment environment,
      Checkpoint checkpoint,
      ModelGraphs graphs,
      RotaryFrequencies rotaryFrequencies,
      SessionOptions options) {
    this.environment = environment;
    this.rotaryFrequencies = rotaryFrequencies;
    this.config = checkpoint.config();
    this.activation = graphs.precision().activation();
    this.shape = ProjectorShape.of(config);
    this.newline =
        switch (config) {
          case LlavaOnevision llava ->
              Floats.toArray(checkpoint.weights().get("image_newline", llava.text().hiddenSize()));
          case Qwen25Vl ignored -> new float[0];
        };
    this.tower = OrtSession.open(environment, graphs.visionTower(), options);
    this.projector = OrtSession.open(environment, graphs.projector(), options);
  }

  /** Embeddings {@code [tokens, hidden]} of one picture under base's projector. */
  synchronized ImageEmbeddings encode(PreparedImage image) {
    try (Arena arena = Arena.ofConfined()) {
      return switch (image) {
        case TiledImage tiled -> encodeTiled(tiled, arena);
        case PatchedImage patched -> encodePatched(patched, arena);
      };
    }
  }

  private ImageEmbeddings encodeTiled(TiledImage image, Arena arena) {
    LlavaOnevision llava = (LlavaOnevision) config;
    int patches = image.grid().featuresPerTile();
    int width = llava.vision().hiddenSize();
    int side = image.tileSize();
    int channels = llava.vision().channels();
    long tileFloats = (long) channels * side * side;
    GraphCall.Memory features =
        GraphCall.allocate(arena, activation, image.tiles(), patches, width);
    for (int from = 0; from < image.tiles(); from += TILES_PER_RUN) {
      int count = Math.min(TILES_PER_RUN, image.tiles() - from);
      try (OrtBinding binding = tower.binding();
          GraphCall call = new GraphCall(environment, binding, arena)) {
        call.input(
            "pixel_patches",
            image.pixels(),
            Math.toIntExact(from * tileFloats),
            activation,
            Shape.of(count, channels, side, side));
        call.output("features", features.rows(from, count));
        binding.run();
      }
    }
    int tokens = image.tokenCount();
    MemorySegment projected =
        asFloats(
            project(features.as(Shape.of((long) image.tiles() * patches, width)), arena), arena);
    MemorySegment packed = arena.allocate((long) tokens * newline.length * Float.BYTES, 64);
    AnyresPacking.pack(image.grid(), projected, newline, packed);
    return new ImageEmbeddings(
        kept(packed, (long) tokens * newline.length), tokens, new GridShape(1, tokens));
  }

  private ImageEmbeddings encodePatched(PatchedImage image, Arena arena) {
    Qwen25Vl qwen = (Qwen25Vl) config;
    WindowLayout layout = WindowLayout.of(image, qwen.vision(), rotaryFrequencies);
    int patches = image.patches();
    int halfHead = qwen.vision().hiddenSize() / qwen.vision().attentionHeads() / 2;
    int tokens = image.tokenCount();
    GraphCall.Memory features = GraphCall.allocate(arena, activation, tokens, shape.inputs());
    try (OrtBinding binding = tower.binding();
        GraphCall call = new GraphCall(environment, binding, arena)) {
      Shape angles = Shape.of(1, patches, halfHead);
      Shape windows = Shape.of(layout.windows(), layout.windowLength());
      call.input(
          "pixel_patches",
          inWindowOrder(image, layout),
          0,
          activation,
          Shape.of(patches, image.patchWidth()));
      call.input("rope_cos", layout.cos(), 0, activation, angles);
      call.input("rope_sin", layout.sin(), 0, activation, angles);
      call.input("window_rows", layout.rowOfWindow(), windows);
      call.input(
          "window_bias",
          layout.windowBias(),
          0,
          activation,
          Shape.of(layout.windows(), 1, layout.windowLength(), layout.windowLength()));
      call.input("window_cells", layout.cellOfRow(), Shape.of(patches));
      call.input("reading_order", layout.groupInverse(), Shape.of(tokens));
      call.output("features", features);
      binding.run();
    }
    GraphCall.Memory embeddings = project(features, arena);
    MemorySegment floats = asFloats(embeddings, arena);
    int merge = image.mergeSize();
    return new ImageEmbeddings(
        kept(floats, (long) tokens * shape.outputs()),
        tokens,
        new GridShape(image.gridHeight() / merge, image.gridWidth() / merge));
  }

  private static float[] inWindowOrder(PatchedImage image, WindowLayout layout) {
    int width = image.patchWidth();
    float[] ordered = new float[image.pixels().length];
    for (int row = 0; row < layout.patchOrder().length; row++) {
      int source = Math.toIntExact(layout.patchOrder()[row] * width);
      System.arraycopy(image.pixels(), source, ordered, row * width, width);
    }
    return ordered;
  }

  /** {@code [rows, inputs]} to {@code [rows, hidden]}, with deltas of rank 0. */
  private GraphCall.Memory project(GraphCall.Memory features, Arena arena) {
    long rows = features.shape().dim(0);
    GraphCall.Memory embeddings = GraphCall.allocate(arena, activation, rows, shape.outputs());
    try (OrtBinding binding = projector.binding();
        GraphCall call = new GraphCall(environment, binding, arena)) {
      call.input("features", features);
      call.input(
          "delta.projector.1.a", GraphCall.allocate(arena, activation, 1, 0, shape.inputs()));
      call.input("delta.projector.1.b", GraphCall.allocate(arena, activation, 1, 0, shape.inner()));
      call.input("delta.projector.2.a", GraphCall.allocate(arena, activation, 1, 0, shape.inner()));
      call.input(
          "delta.projector.2.b", GraphCall.allocate(arena, activation, 1, 0, shape.outputs()));
      call.output("embeddings", embeddings);
      binding.run();
    }
    return embeddings;
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
    tower.close();
    projector.close();
  }
}
