package io.trimtab.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FilePiecesTest {
  private static final int PIECES = 40;
  private static final int PIECE_BYTES = 1 << 17;

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() throws Exception {
    done(vertx.close());
  }

  @Test
  void piecesAreOneFileUntilItIsDeleted() throws Exception {
    FilePieces pieces = onEventLoop(() -> FilePieces.open(vertx.fileSystem()));
    Path file = onEventLoop(() -> added(pieces, 0).compose(_ -> pieces.whole()));
    byte[] contents = Files.readAllBytes(file);
    assertThat(contents).hasSize(PIECES * PIECE_BYTES);
    for (int i = 0; i < PIECES; i++) {
      assertThat(contents[i * PIECE_BYTES]).isEqualTo((byte) i);
      assertThat(contents[(i + 1) * PIECE_BYTES - 1]).isEqualTo((byte) i);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    // A client that goes just then.
    assertThat(
            onEventLoop(
                () -> {
                  pieces.discard();
                  return pieces.delete();
                }))
        .isNull();
    assertThat(file).doesNotExist();
  }

  /** Each once there is room. */
  private static Future<Void> added(FilePieces pieces, int next) {
    if (next == PIECES) {
      return Future.succeededFuture();
    }
    byte[] piece = new byte[PIECE_BYTES];
    Arrays.fill(piece, (byte) next);
    pieces.add(Buffer.buffer(piece));
    return (pieces.isFull() ? pieces.drained() : Future.<Void>succeededFuture())
        .compose(_ -> added(pieces, next + 1));
  }

  @Test
  void whatIsDiscardedIsGoneOnceItIsDeleted() throws Exception {
    FilePieces pieces = onEventLoop(() -> FilePieces.open(vertx.fileSystem()));
    onEventLoop(
        () -> {
          pieces.add(Buffer.buffer(new byte[PIECE_BYTES]));
          pieces.discard();
          return pieces.delete();
        });
    assertThat(pieces.path()).doesNotExist();
  }

  private <T> T onEventLoop(Supplier<Future<T>> call) throws Exception {
    CompletableFuture<T> ended = new CompletableFuture<>();
    vertx.runOnContext(
        _ -> call.get().onSuccess(ended::complete).onFailure(ended::completeExceptionally));
    return ended.get(60, TimeUnit.SECONDS);
  }

  private static <T> T done(Future<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
