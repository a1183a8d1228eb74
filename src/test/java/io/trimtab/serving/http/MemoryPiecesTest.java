package io.trimtab.serving.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.InboundBudget;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MemoryPiecesTest {
  private static final int PIECES = 10;
  private static final int PIECE_BYTES = 10_000;

  private final InboundBudget budget = InboundBudget.quarterOf("Bodies", 0, 1 << 20);
  private final MemoryPieces pieces = new MemoryPieces(budget, "birds");

  @Test
  void whatIsReadIsNotHeldAnyLonger() throws IOException {
    add();
    try (InputStream whole = pieces.whole().result()) {
      assertThat(pieces.isEmpty()).isFalse();
      for (int i = 0; i < PIECES; i++) {
        byte[] expected = new byte[PIECE_BYTES];
        Arrays.fill(expected, (byte) i);
        assertThat(whole.readNBytes(PIECE_BYTES)).isEqualTo(expected);
      }
      assertThat(whole.read()).isEqualTo(-1);
    }
    assertThat(pieces.isEmpty()).isTrue();
  }

  @Test
  void whatNobodyReadsIsDiscarded() {
    add();
    assertThat(budget.heldBytes()).isGreaterThanOrEqualTo(PIECES * PIECE_BYTES);
    pieces.discard();
    assertThat(pieces.isEmpty()).isTrue();
    assertThat(budget.heldBytes()).isZero();
    // What was given back is given back once.
    pieces.discard();
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void manySmallPiecesTakeNoMoreThanOneLargeOne() throws IOException {
    for (int i = 0; i < MemoryPieces.SEGMENT_BYTES + 1; i++) {
      pieces.add(Buffer.buffer(new byte[] {(byte) i}));
    }
    assertThat(budget.heldBytes()).isEqualTo(2 * MemoryPieces.SEGMENT_BYTES);
    try (InputStream whole = pieces.whole().result()) {
      byte[] read = whole.readAllBytes();
      assertThat(read).hasSize(MemoryPieces.SEGMENT_BYTES + 1);
      assertThat(read[1]).isEqualTo((byte) 1);
      assertThat(read[MemoryPieces.SEGMENT_BYTES - 1]).isEqualTo((byte) -1);
    }
  }

  @Test
  void aLoneBodyIsTakenWhateverTheHeap() {
    InboundBudget small = InboundBudget.quarterOf("Bodies", 16 << 20, RequestBody.BYTES_MAX);
    MemoryPieces large = new MemoryPieces(small, "birds");
    Buffer piece = Buffer.buffer(new byte[1 << 20]);
    for (int i = 0; i < RequestBody.BYTES_MAX; i += piece.length()) {
      large.add(piece);
    }
    assertThat(small.heldBytes()).isEqualTo(RequestBody.BYTES_MAX);
    assertThatThrownBy(() -> new MemoryPieces(small, "birds").add(piece))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
        .hasMessageContaining("67108864");
    large.discard();
    new MemoryPieces(small, "birds").add(piece);
    assertThat(small.heldBytes()).isEqualTo(piece.length());
  }

  @Test
  void nothingIsAnEmptyBody() throws IOException {
    try (InputStream whole = pieces.whole().result()) {
      assertThat(whole.read()).isEqualTo(-1);
    }
  }

  private void add() {
    for (int i = 0; i < PIECES; i++) {
      byte[] piece = new byte[PIECE_BYTES];
      Arrays.fill(piece, (byte) i);
      pieces.add(Buffer.buffer(piece));
    }
  }
}
