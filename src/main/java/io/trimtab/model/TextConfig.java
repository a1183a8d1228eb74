package io.trimtab.model;

import io.trimtab.error.TrimtabException;
import java.util.List;

/**
 * Geometry of the language model: a decoder of Qwen2, Llama or Mistral.
 *
 * @param hiddenSize width of the residual stream
 * @param intermediateSize width of the MLP
 * @param layers number of decoder layers
 * @param attentionHeads query heads
 * @param keyValueHeads key and value heads; divides {@code attentionHeads}
 * @param headDim width of one head; even
 * @param vocabularySize rows of the embedding and of the output head
 * @param rmsNormEpsilon epsilon of every RMS norm
 * @param ropeTheta base of the rotary embedding's frequencies
 * @param mropeSection frequencies per axis (time, height, width) of Qwen's multi-section rotary
 *     embedding, summing to headDim/2; empty for the plain one
 * @param tieWordEmbeddings whether the output head is the embedding
 * @param maxPositionEmbeddings longest sequence in tokens
 */
public record TextConfig(
    int hiddenSize,
    int intermediateSize,
    int layers,
    int attentionHeads,
    int keyValueHeads,
    int headDim,
    int vocabularySize,
    float rmsNormEpsilon,
    double ropeTheta,
    List<Integer> mropeSection,
    boolean tieWordEmbeddings,
    int maxPositionEmbeddings) {
  public TextConfig {
    mropeSection = List.copyOf(mropeSection);
    if (attentionHeads % keyValueHeads != 0) {
      throw TrimtabException.invalid(
          "config.json has %d attention heads over %d key and value heads, expected a multiple"
              .formatted(attentionHeads, keyValueHeads));
    }
    if (headDim % 2 != 0) {
      throw TrimtabException.invalid(
          "config.json gives a head %d dimensions, expected an even number".formatted(headDim));
    }
    int sections = mropeSection.stream().mapToInt(Integer::intValue).sum();
    if (!mropeSection.isEmpty() && (mropeSection.size() != 3 || sections != headDim / 2)) {
      throw TrimtabException.invalid(
          "config.json has the mrope_section %s, expected three that sum to %d"
              .formatted(mropeSection, headDim / 2));
    }
  }
}
