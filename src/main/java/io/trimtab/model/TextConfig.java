package io.trimtab.model;

import java.util.List;

/**
 * Geometry of the language model (Qwen2 decoder in both families).
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
  }
}
