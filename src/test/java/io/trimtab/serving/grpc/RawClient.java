package io.trimtab.serving.grpc;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Sends the bytes of gRPC calls as no client of gRPC would: in part, late, or in crumbs. */
final class RawClient {
  private static final int PATIENCE_SECONDS = 60;

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http =
      vertx.createHttpClient(
          new HttpClientOptions()
              .setProtocolVersion(HttpVersion.HTTP_2)
              .setHttp2ClearTextUpgrade(false));
  private final int port;

  RawClient(int port) {
    this.port = port;
  }

  /** Begins a call, without a message. */
  Call call(String method, String tenant) throws Exception {
    HttpClientRequest request =
        done(http.request(HttpMethod.POST, port, "localhost", "/" + method));
    var _ =
        request
            .setChunked(true)
            .putHeader("content-type", "application/grpc")
            .putHeader("te", "trailers")
            .putHeader("x-tenant", tenant);
    return new Call(request);
  }

  void close() throws Exception {
    done(vertx.close());
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** One call, and how it ended. */
  static final class Call {
    private final HttpClientRequest request;
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private volatile boolean reads = true;

    private Call(HttpClientRequest request) {
      this.request = request;
      request.exceptionHandler(failure -> end.complete(String.valueOf(failure)));
      var _ = request.response().onSuccess(this::begun);
    }

    /** Takes nothing of the answer. */
    Call readNothing() {
      reads = false;
      return this;
    }

    /** Says how long a message is, and sends so much of it. */
    void begin(int messageBytes, int sentBytes) throws Exception {
      send(Buffer.buffer().appendByte((byte) 0).appendInt(messageBytes));
      send(sentBytes);
    }

    void send(int bytes) throws Exception {
      send(Buffer.buffer(new byte[bytes]));
    }

    /** The same without waiting until it has left. */
    void push(int bytes) {
      var _ = request.write(Buffer.buffer(new byte[bytes]));
    }

    void halfClose() throws Exception {
      done(request.end());
    }

    void cancel() {
      request.reset(8);
    }

    /** {@code STATUS MESSAGE}, or the failure of a call that has none. */
    String end() throws Exception {
      return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void send(Buffer bytes) throws Exception {
      done(request.write(bytes));
    }

    private void begun(HttpClientResponse response) {
      response.exceptionHandler(failure -> end.complete(String.valueOf(failure)));
      if (!reads) {
        response.pause();
        return;
      }
      response.endHandler(
          _ -> {
            String status = response.getHeader("grpc-status");
            end.complete(
                status == null
                    ? response.getTrailer("grpc-status") + " " + response.getTrailer("grpc-message")
                    : status + " " + response.getHeader("grpc-message"));
          });
    }
  }
}
