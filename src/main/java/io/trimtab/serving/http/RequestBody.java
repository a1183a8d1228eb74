package io.trimtab.serving.http;

import io.trimtab.serving.InboundBudget;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;

/**
 * The body of a call, gathered on the event loop as it comes, so that a slow client holds no
 * thread; what is done with it runs on a virtual thread and may wait.
 *
 * <p>Quarkus' own reading on a virtual thread fails now and then over HTTP/2, where the body may
 * end while the reading is being set up.
 */
public final class RequestBody {
  /** What gRPC takes as one message. */
  public static final int BYTES_MAX = 64 << 20;

  private static final InboundBudget BUDGET =
      InboundBudget.quarterOf("Bodies", Runtime.getRuntime().maxMemory(), BYTES_MAX);

  private RequestBody() {}

  /**
   * What is done with a body.
   *
   * @param <B> what the body is gathered as
   */
  @FunctionalInterface
  public interface Use<B, T> {
    CompletionStage<T> apply(B body);
  }

  /**
   * Has a body used once it is there, in memory. To be called on the event loop, before anything is
   * read. All such bodies together may hold a quarter of the heap until their uses have returned,
   * those of one tenant half of that; the stream is good for no longer.
   *
   * @param tenant whose call it is
   * @return what the use returns; or fails with a status of 413 for more than {@link #BYTES_MAX}
   *     bytes, as RESOURCE_EXHAUSTED when other bodies leave no room, with a status of 408 when
   *     nothing comes for 30 s or the body is not whole after 5 min, as CANCELLED when the client
   *     goes
   */
  public static <T> CompletionStage<T> use(
      RoutingContext call, String tenant, Use<InputStream, T> use) {
    return used(call, new MemoryPieces(BUDGET, tenant), use);
  }

  /**
   * The same for bodies that are commonly large: they wait in a file of their own, of which no more
   * than {@link FilePieces#BUFFER_BYTES} are in memory. The file is deleted once the use has
   * completed.
   *
   * @return as {@link #use}, or an {@link java.io.IOException} of the disk
   */
  public static <T> CompletionStage<T> useFile(RoutingContext call, Use<Path, T> use) {
    Vertx vertx = call.vertx();
    return FilePieces.open(vertx.fileSystem())
        .toCompletionStage()
        .thenCompose(pieces -> used(call, pieces, use).whenComplete((_, _) -> pieces.delete()));
  }

  static <B, T> CompletionStage<T> used(RoutingContext call, BodyPieces<B> pieces, Use<B, T> use) {
    return BodyGathering.of(call, pieces)
        .thenApplyAsync(use::apply, Thread::startVirtualThread)
        // Be it read or not: what the use made of it is counted where that waits.
        .whenComplete((_, _) -> pieces.discard())
        .thenCompose(stage -> stage);
  }

  static BodyTooLarge tooLarge() {
    return new BodyTooLarge(
        "The body has more than %d bytes, expected at most that".formatted(BYTES_MAX));
  }
}
