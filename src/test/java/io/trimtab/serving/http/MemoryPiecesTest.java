package io.trimtab.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MemoryPiecesTest {
  private static final int PIECES = 10;
  private static final int PIECE_BYTES = 10_000;

  private final MemoryPieces pieces = new MemoryPieces();

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
    pieces.discard();
    assertThat(pieces.isEmpty()).isTrue();
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
