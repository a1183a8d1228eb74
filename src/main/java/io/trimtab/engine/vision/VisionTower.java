package io.trimtab.engine.vision;

import io.trimtab.engine.vision.TowerFeatures.Order;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.ModelConfig.LlavaFamily;
import io.trimtab.model.ModelConfig.Qwen25Vl;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.graph.ModelGraphs;
import io.trimtab.model.graph.ProjectorShape;
import io.trimtab.model.image.PatchedImage;
import io.trimtab.model.image.PreparedImage;
import io.trimtab.model.image.SquareImage;
import io.trimtab.model.image.TiledImage;
import io.trimtab.model.image.WindowLayout;
import io.trimtab.model.text.GridShape;
import io.trimtab.ort.OrtBinding;
import io.trimtab.ort.OrtEnvironment;
import io.trimtab.ort.OrtSession;
import io.trimtab.ort.SessionOptions;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.lang.foreign.Arena;

/**
 * What the vision tower sees in a picture. No adapter reaches it, so that all tenants share what it
 * computes. Any thread; one picture at a time, which the lock is for.
 */
public final class VisionTower implements AutoCloseable {
  /** Tiles that pass the tower at a time; bounds the scores that attention holds. */
  private static final int TILES_PER_RUN = 4;

  private final OrtEnvironment environment;
  private final ModelConfig config;
  private final DType activation;
  private final RotaryFrequencies rotaryFrequencies;
  private final ProjectorShape shape;
  private final OrtSession session;

  /**
   * @param options of the session that this opens and closes
   */
  public VisionTower(
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
    this.session = OrtSession.open(environment, graphs.visionTower(), options);
  }

  /** Features of one picture, in rows as the projector takes them. */
  public synchronized TowerFeatures encode(PreparedImage image) {
    return switch (image) {
      case SquareImage square -> encodeSquare(square);
      case TiledImage tiled -> encodeTiled(tiled);
      case PatchedImage patched -> encodePatched(patched);
    };
  }

  private TowerFeatures encodeSquare(SquareImage image) {
    return new TowerFeatures(
        encodeTiles(image.pixels(), 1),
        image.tokenCount(),
        new GridShape(1, image.tokenCount()),
        new Order.OfTokens());
  }

  private TowerFeatures encodeTiled(TiledImage image) {
    return new TowerFeatures(
        encodeTiles(image.pixels(), image.tiles()),
        image.tokenCount(),
        new GridShape(1, image.tokenCount()),
        new Order.Tiled(image.grid()));
  }

  /** {@code [tiles * rows of a tile, width]}. */
  private GraphCall.Memory encodeTiles(float[] pixels, int tiles) {
    LlavaFamily llava = (LlavaFamily) config;
    int rows = llava.featuresPerTile();
    int width = llava.vision().hiddenSize();
    int side = llava.vision().imageSize();
    int channels = llava.vision().channels();
    long tileFloats = (long) channels * side * side;
    GraphCall.Memory features = GraphCall.allocate(Arena.ofAuto(), activation, tiles, rows, width);
    for (int from = 0; from < tiles; from += TILES_PER_RUN) {
      int count = Math.min(TILES_PER_RUN, tiles - from);
      try (Arena arena = Arena.ofConfined();
          OrtBinding binding = session.binding();
          GraphCall call = new GraphCall(environment, binding, arena)) {
        call.input(
            "pixel_patches",
            pixels,
            Math.toIntExact(from * tileFloats),
            activation,
            Shape.of(count, channels, side, side));
        call.output("features", features.rows(from, count));
        binding.run();
      }
    }
    return features.as(Shape.of((long) tiles * rows, width));
  }

  private TowerFeatures encodePatched(PatchedImage image) {
    Qwen25Vl qwen = (Qwen25Vl) config;
    WindowLayout layout = WindowLayout.of(image, qwen.vision(), rotaryFrequencies);
    int patches = image.patches();
    int halfHead = qwen.vision().hiddenSize() / qwen.vision().attentionHeads() / 2;
    int tokens = image.tokenCount();
    GraphCall.Memory features =
        GraphCall.allocate(Arena.ofAuto(), activation, tokens, shape.inputs());
    try (Arena arena = Arena.ofConfined();
        OrtBinding binding = session.binding();
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
    int merge = image.mergeSize();
    return new TowerFeatures(
        features,
        tokens,
        new GridShape(image.gridHeight() / merge, image.gridWidth() / merge),
        new Order.OfTokens());
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

  @Override
  public synchronized void close() {
    session.close();
  }
}
