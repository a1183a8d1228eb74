package io.trimtab.serving.http;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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

  private static final Duration STALL_MAX = Duration.ofSeconds(30);
  private static final long LOOK_MILLIS = 5_000;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final CompletableFuture<InputStream> whole = new CompletableFuture<>();
  // All on the event loop.
  private final List<InputStream> pieces = new ArrayList<>();
  private long bytes;
  private long arrivedNanos = System.nanoTime();

  private RequestBody(RoutingContext call) {
    this.request = call.request();
    this.response = call.response();
  }

  /** What is done with a body. */
  @FunctionalInterface
  public interface Use<T> {
    CompletionStage<T> apply(InputStream body);
  }

  /**
   * Has a body used once it is there. To be called on the event loop, before anything is read.
   *
   * @return what the use returns; or fails with a status of 413 for more than {@link #BYTES_MAX}
   *     bytes, as DEADLINE_EXCEEDED when nothing comes for 30 s, as CANCELLED when the client goes
   */
  public static <T> CompletionStage<T> use(RoutingContext call, Use<T> use) {
    RequestBody body = new RequestBody(call);
    body.gather(call);
    return body.whole
        .thenApplyAsync(use::apply, Thread::startVirtualThread)
        .thenCompose(stage -> stage);
  }

  private void gather(RoutingContext call) {
    if (request.isEnded()) {
      whole.complete(InputStream.nullInputStream());
      return;
    }
    long timer = call.vertx().setPeriodic(LOOK_MILLIS, _ -> look());
    var _ = whole.whenComplete((_, _) -> call.vertx().cancelTimer(timer));
    call.addEndHandler(_ -> fail(new TrimtabException(ErrorCode.CANCELLED, "The client has gone")));
    request.exceptionHandler(
        failure -> fail(new TrimtabException(ErrorCode.CANCELLED, "The body broke off", failure)));
    request.endHandler(
        _ -> whole.complete(new SequenceInputStream(Collections.enumeration(pieces))));
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      var _ = response.writeContinue();
    }
    request.handler(this::add);
    // Quarkus keeps it paused until somebody asks.
    request.resume();
  }

  private void add(Buffer piece) {
    arrivedNanos = System.nanoTime();
    bytes += piece.length();
    if (bytes <= BYTES_MAX) {
      pieces.add(new ByteArrayInputStream(piece.getBytes()));
    } else if (!whole.isDone()) {
      pieces.clear();
      if (request.version() != HttpVersion.HTTP_2) {
        // What still comes is not used, so the connection is of no more use.
        response.putHeader(HttpHeaders.CONNECTION, "close");
      }
      fail(tooLarge());
    }
  }

  static BodyTooLarge tooLarge() {
    return new BodyTooLarge(
        "The body has more than %d bytes, expected at most that".formatted(BYTES_MAX));
  }

  private void look() {
    if (System.nanoTime() - arrivedNanos > STALL_MAX.toNanos()) {
      fail(
          new TrimtabException(
              ErrorCode.DEADLINE_EXCEEDED,
              "Nothing of the body came for %d s".formatted(STALL_MAX.toSeconds())));
    }
  }

  private void fail(Throwable reason) {
    whole.completeExceptionally(reason);
  }
}
