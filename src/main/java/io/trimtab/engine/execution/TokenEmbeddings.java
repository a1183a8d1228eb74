package io.trimtab.engine.execution;

import io.trimtab.model.Checkpoint;
import io.trimtab.model.TextConfig;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Floats;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Rows of the token embedding, read from the mapped checkpoint and written as the graph takes them.
 */
final class TokenEmbeddings {
  private final Tensor table;
  private final int hidden;
  private final DType dtype;
  private final long rowBytes;

  /**
   * @param dtype of the rows that are written
   */
  TokenEmbeddings(Checkpoint checkpoint, DType dtype) {
    TextConfig text = checkpoint.config().text();
    this.hidden = text.hiddenSize();
    this.dtype = dtype;
    this.rowBytes = (long) hidden * dtype.bytes();
    this.table =
        checkpoint
            .weights()
            .get("language_model.embed_tokens.weight", text.vocabularySize(), hidden);
  }

  /** Writes the embedding of a token as row {@code row} of {@code target [rows, hidden]}. */
  void write(int token, MemorySegment target, long row) {
    long sourceBytes = (long) hidden * table.dtype().bytes();
    MemorySegment source = table.data().asSlice(token * sourceBytes, sourceBytes);
    if (dtype == DType.F32) {
      Floats.toF32(source, table.dtype(), 0, target, row * hidden, hidden);
    } else {
      Floats.convert(
          source, table.dtype(), target.asSlice(row * rowBytes, rowBytes), dtype, hidden);
    }
  }

  long rowBytes() {
    return rowBytes;
  }
}
