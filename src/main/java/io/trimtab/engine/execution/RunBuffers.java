package io.trimtab.engine.execution;

import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.model.TextConfig;
import io.trimtab.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Host memory that the runs of the language model read and write: made once, sized for the largest
 * run. Embeddings and angles have a row per token, the rest one per row of logits.
 */
final class RunBuffers {
  /** Wider than any vector register: ONNX Runtime takes the memory as it is. */
  private static final long ALIGNMENT = 64;

  private final Arena arena;
  private final int vocabulary;

  final MemorySegment embeddings;
  final MemorySegment cos;
  final MemorySegment sin;
  final MemorySegment pastLengths;
  final MemorySegment totalLength;
  final MemorySegment logitRows;
  final MemorySegment logitTargets;
  final MemorySegment bestLogits;
  final MemorySegment bestIds;
  final MemorySegment logsumexps;
  final MemorySegment targetLogits;
  final MemorySegment setMasses;

  /** Whole rows of logits, laid out when first asked for: most requests never do. */
  private MemorySegment fullLogits = MemorySegment.NULL;

  /** Best tokens that the graph reports for each row. */
  final int bests;

  RunBuffers(Arena arena, TextConfig text, DType activation, int tokens, int rows, int tokenSets) {
    this.arena = arena;
    this.vocabulary = text.vocabularySize();
    bests = Math.min(SamplingParameters.TOP_LOGPROBS_MAX, text.vocabularySize());
    long halfHead = text.headDim() / 2;
    embeddings = arena.allocate((long) tokens * text.hiddenSize() * activation.bytes(), ALIGNMENT);
    cos = arena.allocate(tokens * halfHead * activation.bytes(), ALIGNMENT);
    sin = arena.allocate(tokens * halfHead * activation.bytes(), ALIGNMENT);
    pastLengths = arena.allocate((long) rows * DType.I32.bytes(), ALIGNMENT);
    totalLength = arena.allocate(DType.I32.bytes(), ALIGNMENT);
    logitRows = arena.allocate((long) rows * DType.I64.bytes(), ALIGNMENT);
    logitTargets = arena.allocate((long) rows * DType.I64.bytes(), ALIGNMENT);
    bestLogits = arena.allocate((long) rows * bests * DType.F32.bytes(), ALIGNMENT);
    bestIds = arena.allocate((long) rows * bests * DType.I64.bytes(), ALIGNMENT);
    logsumexps = arena.allocate((long) rows * DType.F32.bytes(), ALIGNMENT);
    targetLogits = arena.allocate((long) rows * DType.F32.bytes(), ALIGNMENT);
    setMasses = arena.allocate((long) rows * tokenSets * DType.F32.bytes(), ALIGNMENT);
  }

  /**
   * Room for that many whole rows of logits. It grows by doubling: what runs prepared earlier bound
   * lives as long as the arena, so what is outgrown stays, and is less than what is in use.
   */
  MemorySegment fullLogits(int rows) {
    long rowBytes = (long) vocabulary * DType.F32.bytes();
    if (fullLogits.byteSize() < rows * rowBytes) {
      int rounded = rows == 1 ? 1 : 2 * Integer.highestOneBit(rows - 1);
      fullLogits = arena.allocate(rounded * rowBytes, ALIGNMENT);
    }
    return fullLogits;
  }
}
