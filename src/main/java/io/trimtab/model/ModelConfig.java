package io.trimtab.model;

import io.trimtab.error.TrimtabException;
import java.util.List;

/** What config.json says, checked and typed. One record per family. */
public sealed interface ModelConfig {
  Family family();

  TextConfig text();

  /** The placeholder token that stands where image embeddings go. */
  int imageTokenId();

  /** Whether the query, key and value projections of the language model have a bias. */
  boolean attentionBias();

  /**
   * The LLaVA families: a tower that sees square pictures, and a projector of two layers.
   *
   * @see <a href="https://arxiv.org/abs/2310.03744">LLaVA-1.5</a>
   */
  sealed interface LlavaFamily extends ModelConfig permits LlavaAnyres, Llava15 {
    TileVision vision();

    /** Whether the projector's layers have a bias. */
    boolean projectorBias();

    /** Hugging Face name of the projector's activation. */
    String projectorActivation();

    /** Which hidden state of the tower is used; -1 is the last, before its norm. */
    int visionFeatureLayer();

    /** {@code full} or {@code default} (drops the first token). */
    String visionFeatureSelect();

    /** Rows of features that one tile comes to. */
    default int featuresPerTile() {
      int patches = vision().patchesPerSide() * vision().patchesPerSide();
      return patches + (keepsClassToken() ? 1 : 0);
    }

    /** Whether the tower's first row, which is no patch, is among the features. */
    default boolean keepsClassToken() {
      return vision().hasClassToken() && visionFeatureSelect().equals("full");
    }
  }

  /** LLaVA families that cut a picture into the tiles of a grid, with a newline after each row. */
  sealed interface LlavaAnyres extends LlavaFamily permits LlavaOnevision, LlavaNext {
    /** Candidate resolutions, each (height, width) in pixels. */
    List<GridSize> gridPinpoints();

    /** The tiles' worth of tokens that one picture has at most; more are shrunk to that. */
    int maxTiles();
  }

  /**
   * LLaVA-OneVision: SigLIP tower, two-layer projector, anyres tiles.
   *
   * @param projectorBias whether the projector's layers have a bias
   * @param projectorActivation Hugging Face name of the projector's activation
   * @param gridPinpoints candidate resolutions, each (height, width) in pixels
   * @param visionAspectRatio {@code anyres_max_N}: N bounds the tiles' worth of tokens of one
   *     picture
   * @param visionFeatureLayer which hidden state of the tower is used; -1 is the last, before its
   *     norm
   * @param visionFeatureSelect {@code full} or {@code default} (drops the first token)
   */
  record LlavaOnevision(
      TextConfig text,
      int imageTokenId,
      SiglipVision vision,
      boolean projectorBias,
      String projectorActivation,
      List<GridSize> gridPinpoints,
      String visionAspectRatio,
      int visionFeatureLayer,
      String visionFeatureSelect)
      implements LlavaAnyres {
    public LlavaOnevision {
      gridPinpoints = List.copyOf(gridPinpoints);
    }

    @Override
    public Family family() {
      return Family.LLAVA_ONEVISION;
    }

    /** Qwen2. */
    @Override
    public boolean attentionBias() {
      return true;
    }

    /** N of {@code anyres_max_N}. */
    @Override
    public int maxTiles() {
      return Integer.parseInt(visionAspectRatio.substring("anyres_max_".length()));
    }
  }

  /**
   * LLaVA-NeXT (1.6): CLIP tower, two-layer projector, tiles of a grid that is never shrunk.
   *
   * @param attentionBias of the language model: Qwen2 has it, Llama and Mistral don't
   * @see <a href="https://llava-vl.github.io/blog/2024-01-30-llava-next/">LLaVA-NeXT</a>
   */
  record LlavaNext(
      TextConfig text,
      boolean attentionBias,
      int imageTokenId,
      TileVision vision,
      boolean projectorBias,
      String projectorActivation,
      List<GridSize> gridPinpoints,
      int visionFeatureLayer,
      String visionFeatureSelect)
      implements LlavaAnyres {
    public LlavaNext {
      gridPinpoints = List.copyOf(gridPinpoints);
    }

    @Override
    public Family family() {
      return Family.LLAVA_NEXT;
    }

    @Override
    public int maxTiles() {
      return Integer.MAX_VALUE;
    }
  }

  /**
   * LLaVA-1.5 and what else has its {@code model_type}: one square of each picture, two-layer
   * projector.
   *
   * @param attentionBias of the language model: Qwen2 has it, Llama and Mistral don't
   */
  record Llava15(
      TextConfig text,
      boolean attentionBias,
      int imageTokenId,
      TileVision vision,
      boolean projectorBias,
      String projectorActivation,
      int visionFeatureLayer,
      String visionFeatureSelect)
      implements LlavaFamily {
    @Override
    public Family family() {
      return Family.LLAVA;
    }
  }

  /** A height and a width, in pixels. */
  record GridSize(int height, int width) {}

  /** A vision transformer for squares of {@code imageSize}: square patches, learned positions. */
  sealed interface TileVision permits SiglipVision, ClipVision {
    int hiddenSize();

    int intermediateSize();

    int layers();

    int attentionHeads();

    int channels();

    /** Pixels along a tile's side. */
    int imageSize();

    /** Pixels along a patch's side. */
    int patchSize();

    float layerNormEpsilon();

    /** Hugging Face name of the activation. */
    String activation();

    /** Whether a learned token stands before the patches. */
    boolean hasClassToken();

    /** Patches along one side of a tile. */
    default int patchesPerSide() {
      return imageSize() / patchSize();
    }
  }

  /** SigLIP's vision transformer. */
  record SiglipVision(
      int hiddenSize,
      int intermediateSize,
      int layers,
      int attentionHeads,
      int channels,
      int imageSize,
      int patchSize,
      float layerNormEpsilon,
      String activation)
      implements TileVision {
    public SiglipVision {
      requireWholeHeads(hiddenSize, attentionHeads);
    }

    @Override
    public boolean hasClassToken() {
      return false;
    }
  }

  /** CLIP's vision transformer: a class token, and a norm before the first layer. */
  record ClipVision(
      int hiddenSize,
      int intermediateSize,
      int layers,
      int attentionHeads,
      int channels,
      int imageSize,
      int patchSize,
      float layerNormEpsilon,
      String activation)
      implements TileVision {
    public ClipVision {
      requireWholeHeads(hiddenSize, attentionHeads);
    }

    @Override
    public boolean hasClassToken() {
      return true;
    }
  }

  /**
   * Qwen2.5-VL: windowed vision transformer, 2×2 merger as projector, three-axis rotary positions.
   *
   * @param visionStartTokenId token that opens a picture
   * @param visionEndTokenId token that closes it
   */
  record Qwen25Vl(
      TextConfig text,
      int imageTokenId,
      int visionStartTokenId,
      int visionEndTokenId,
      QwenVision vision)
      implements ModelConfig {
    @Override
    public Family family() {
      return Family.QWEN2_5_VL;
    }

    @Override
    public boolean attentionBias() {
      return true;
    }
  }

  /**
   * Qwen2.5-VL's vision transformer.
   *
   * @param outHiddenSize width after the merger; the language model's hidden size
   * @param windowSize side of an attention window, in pixels
   * @param fullAttentionBlocks layers that attend to the whole picture; the others to a window
   */
  record QwenVision(
      int hiddenSize,
      int intermediateSize,
      int layers,
      int attentionHeads,
      int channels,
      int outHiddenSize,
      int patchSize,
      int temporalPatchSize,
      int spatialMergeSize,
      int windowSize,
      List<Integer> fullAttentionBlocks,
      String activation) {
    public QwenVision {
      fullAttentionBlocks = List.copyOf(fullAttentionBlocks);
      requireWholeHeads(hiddenSize, attentionHeads);
    }
  }

  private static void requireWholeHeads(int hiddenSize, int attentionHeads) {
    if (hiddenSize % attentionHeads != 0) {
      throw TrimtabException.invalid(
          "config.json has a vision tower of width %d, which %d heads don't divide"
              .formatted(hiddenSize, attentionHeads));
    }
  }
}
