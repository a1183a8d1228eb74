package io.trimtab.serving.http;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.InboundPace;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletableFuture;

/**
 * One body on its way in. All on the event loop but for what is done with the body.
 *
 * @param <B> what it is gathered as
 */
final class BodyGathering<B> {
  private static final long LOOK_MILLIS = 5_000;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final BodyPieces<B> pieces;
  private final CompletableFuture<B> whole = new CompletableFuture<>();
  private final InboundPace pace = new InboundPace("body", System.nanoTime());
  private long bytes;

  private BodyGathering(RoutingContext call, BodyPieces<B> pieces) {
    this.request = call.request();
    this.response = call.response();
    this.pieces = pieces;
  }

  /** Begins. The pieces are discarded where the body fails. */
  static <B> CompletableFuture<B> of(RoutingContext call, BodyPieces<B> pieces) {
    BodyGathering<B> gathering = new BodyGathering<>(call, pieces);
    gathering.begin(call);
    return gathering.whole;
  }

  private void begin(RoutingContext call) {
    if (request.isEnded()) {
      end();
      return;
    }
    long timer = call.vertx().setPeriodic(LOOK_MILLIS, _ -> look());
    var _ = whole.whenComplete((_, _) -> call.vertx().cancelTimer(timer));
    call.addEndHandler(_ -> fail(new TrimtabException(ErrorCode.CANCELLED, "The client has gone")));
    request.exceptionHandler(
        failure -> fail(new TrimtabException(ErrorCode.CANCELLED, "The body broke off", failure)));
    request.endHandler(_ -> end());
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      var _ = response.writeContinue();
    }
    request.handler(this::add);
    // Quarkus keeps it paused until somebody asks.
    request.resume();
  }

  private void add(Buffer piece) {
    if (whole.isDone()) {
      return;
    }
    pace.arrived(System.nanoTime());
    bytes += piece.length();
    if (bytes <= RequestBody.BYTES_MAX) {
      keep(piece);
      return;
    }
    if (request.version() != HttpVersion.HTTP_2) {
      // What still comes is not used, so the connection is of no more use.
      response.putHeader(HttpHeaders.CONNECTION, "close");
    }
    fail(RequestBody.tooLarge());
  }

  private void keep(Buffer piece) {
    try {
      pieces.add(piece);
    } catch (TrimtabException refusal) {
      fail(refusal);
      return;
    }
    if (pieces.isFull()) {
      request.pause();
      var _ = pieces.drained().onSuccess(_ -> request.resume()).onFailure(this::fail);
    }
  }

  private void end() {
    if (!whole.isDone()) {
      var _ = pieces.whole().onSuccess(whole::complete).onFailure(whole::completeExceptionally);
    }
  }

  private void look() {
    pace.late(System.nanoTime()).map(BodyStalled::new).ifPresent(this::fail);
  }

  private void fail(Throwable reason) {
    if (whole.completeExceptionally(reason)) {
      pieces.discard();
      // What still comes is passed over.
      request.resume();
    }
  }
}
