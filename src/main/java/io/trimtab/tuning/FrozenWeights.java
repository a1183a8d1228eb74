package io.trimtab.tuning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.TextConfig;
import io.trimtab.model.Weights;
import io.trimtab.model.graph.Projection;
import io.trimtab.model.graph.ProjectorShape;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Tensor;
import io.trimtab.tuning.TorchScript.Autograd;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The weights that no step changes, as tensors over the checkpoint's own mapping: good for as long
 * as the checkpoint is open. Nothing passes through the heap. Converted once where the passes ask
 * for float32.
 */
final class FrozenWeights {
  /** A Java buffer can't be longer than an int says; a longer tensor is joined from pieces. */
  private static final long PIECE_BYTES = 1L << 30;

  private final PtNDManager manager;
  private final TorchScript script;
  private final Passes passes;
  private final DType halves;

  /** Token embeddings {@code [vocabulary, hidden]}, in the type on disk. */
  private final NDArray table;

  /**
   * Of each layer: norm, q, k and v, each with its bias if it has one, o, norm, gate, up, down;
   * then the final norm and the output head. Named as one list.
   */
  private final NDList decoder = new NDList();

  /** Both layers of the projector, each with its bias if it has one, then the newline's row. */
  private final NDList projector = new NDList();

  FrozenWeights(PtNDManager manager, TorchScript script, Checkpoint checkpoint, Passes passes) {
    this.manager = manager;
    this.passes = passes;
    this.halves = halves(checkpoint);
    this.script = script;
    ModelConfig config = checkpoint.config();
    TextConfig text = config.text();
    Weights weights = checkpoint.weights();
    int hidden = text.hiddenSize();
    String embeddings = "language_model.embed_tokens.weight";
    table = asOnDisk(weights.get(embeddings, text.vocabularySize(), hidden), "");
    for (int layer = 0; layer < text.layers(); layer++) {
      addLayer(weights, config, "language_model.layers.%d.".formatted(layer));
    }
    addDecoder(weights.get("language_model.norm.weight", hidden));
    boolean tied = text.tieWordEmbeddings() && !weights.contains("lm_head.weight");
    addDecoder(weights.get(tied ? embeddings : "lm_head.weight", text.vocabularySize(), hidden));
    addProjector(weights, config);
  }

  /** The 16-bit type that most of a checkpoint is in. */
  static DType halves(Checkpoint checkpoint) {
    TextConfig text = checkpoint.config().text();
    DType dtype =
        checkpoint
            .weights()
            .get("language_model.embed_tokens.weight", text.vocabularySize(), text.hiddenSize())
            .dtype();
    return dtype == DType.F16 ? DType.F16 : DType.BF16;
  }

  private void addLayer(Weights weights, ModelConfig config, String layer) {
    TextConfig text = config.text();
    for (Projection projection : Projection.ALL) {
      if (projection == Projection.Q) {
        addDecoder(weights.get(layer + "input_layernorm.weight", text.hiddenSize()));
      } else if (projection == Projection.GATE) {
        addDecoder(weights.get(layer + "post_attention_layernorm.weight", text.hiddenSize()));
      }
      String module = layer + projection.module();
      int outputs = projection.outputs(text);
      addDecoder(weights.get(module + ".weight", outputs, projection.inputs(text)));
      if (projection.hasBias(config)) {
        addDecoder(weights.get(module + ".bias", outputs));
      }
    }
  }

  private void addDecoder(Tensor weight) {
    decoder.add(
        switch (passes) {
          case WHOLE -> asFloats(weight, "w[]");
          case LAYERWISE -> asOnDisk(weight, "w[]");
        });
  }

  private void addProjector(Weights weights, ModelConfig config) {
    ProjectorShape shape = ProjectorShape.of(config);
    int inputs = shape.inputs();
    int outputs = shape.inner();
    for (String module : shape.modules()) {
      addProjector(weights.get(module + ".weight", outputs, inputs));
      if (shape.bias() == ProjectorShape.Bias.PRESENT) {
        addProjector(weights.get(module + ".bias", outputs));
      }
      inputs = shape.inner();
      outputs = shape.outputs();
    }
    switch (config) {
      case ModelConfig.LlavaAnyres llava ->
          addProjector(weights.get("image_newline", llava.text().hiddenSize()));
      case ModelConfig.Llava15 _, ModelConfig.Qwen25Vl _ -> {}
    }
  }

  private void addProjector(Tensor weight) {
    projector.add(asFloats(weight, "p[]"));
  }

  NDArray table() {
    return table;
  }

  NDList decoder() {
    return decoder;
  }

  NDList projector() {
    return projector;
  }

  /** As it is on disk, or what {@code floats} makes float32 of without being told the type. */
  private NDArray asOnDisk(Tensor tensor, String name) {
    boolean known = tensor.dtype() == DType.F32 || tensor.dtype() == halves;
    return tensor(tensor, name, known ? "" : "from_" + tensor.dtype());
  }

  private NDArray asFloats(Tensor tensor, String name) {
    return tensor(tensor, name, tensor.dtype() == DType.F32 ? "" : "from_" + tensor.dtype());
  }

  private NDArray tensor(Tensor tensor, String name, String conversion) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDList pieces = new NDList();
      long bytes = tensor.data().byteSize();
      for (long from = 0; from < bytes; from += PIECE_BYTES) {
        MemorySegment piece = tensor.data().asSlice(from, Math.min(PIECE_BYTES, bytes - from));
        NDArray mapped = mapped(piece, tensor.dtype());
        NDArray converted =
            conversion.isEmpty() ? mapped : script.call(Autograd.OFF, conversion, mapped);
        converted.setName("x[]");
        pieces.add(converted);
      }
      NDArray whole =
          pieces.size() == 1 ? pieces.head() : script.call(Autograd.OFF, "joined", pieces);
      NDArray shaped = whole.reshape(new Shape(tensor.shape().dims()));
      shaped.setName(name);
      // A view lives in the mapping; the checkpoint keeps that.
      NDScope.unregister(shaped);
      return shaped;
    }
  }

  /** A view, unless the file puts the numbers at an odd place. */
  private NDArray mapped(MemorySegment piece, DType dtype) {
    DataType type = dtype == DType.F32 ? DataType.FLOAT32 : DataType.FLOAT16;
    ByteBuffer buffer = piece.asByteBuffer().order(ByteOrder.nativeOrder());
    if (piece.address() % dtype.bytes() == 0) {
      return manager.create(buffer, new Shape(piece.byteSize() / dtype.bytes()), type);
    }
    NDArray raw = manager.create(buffer, new Shape(piece.byteSize()), DataType.UINT8);
    return script.call(Autograd.OFF, "aligned_" + type.name(), raw);
  }
}
