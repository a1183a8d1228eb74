package io.trimtab.model;

import io.trimtab.error.TrimtabException;
import java.util.List;

/** What config.json says, checked and typed. One record per family. */
public sealed interface ModelConfig {
  Family family();

  TextConfig text();

  /** The placeholder token that stands where image embeddings go. */
  int imageTokenId();

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
      implements ModelConfig {
    public LlavaOnevision {
      gridPinpoints = List.copyOf(gridPinpoints);
    }

    @Override
    public Family family() {
      return Family.LLAVA_ONEVISION;
    }

    /** N of {@code anyres_max_N}. */
    public int maxTiles() {
      return Integer.parseInt(visionAspectRatio.substring("anyres_max_".length()));
    }
  }

  /** A height and a width, in pixels. */
  record GridSize(int height, int width) {}

  /** SigLIP's vision transformer: {@code imageSize} a side, square patches, learned positions. */
  record SiglipVision(
      int hiddenSize,
      int intermediateSize,
      int layers,
      int attentionHeads,
      int channels,
      int imageSize,
      int patchSize,
      float layerNormEpsilon,
      String activation) {
    public SiglipVision {
      requireWholeHeads(hiddenSize, attentionHeads);
    }

    /** Patches along one side of a tile. */
    public int patchesPerSide() {
      return imageSize / patchSize;
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
