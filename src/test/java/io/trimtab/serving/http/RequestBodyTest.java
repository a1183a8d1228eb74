package io.trimtab.serving.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
  private static final int PATIENCE_SECONDS = 60;
  private static final int BODY_BYTES = 600 << 10;

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() throws Exception {
    done(vertx.close());
  }

  @Test
  void aBodyIsGoneWhileItsAnswerIsAwaited() throws Exception {
    MemoryPieces pieces = new MemoryPieces();
    CompletableFuture<Integer> read = new CompletableFuture<>();
    int port =
        serve(
            call ->
                RequestBody.used(
                    call,
                    pieces,
                    body -> {
                      read.complete(bytes(body));
                      return new CompletableFuture<>();
                    }));
    try (Socket client = client(port)) {
      begin(client, BODY_BYTES);
      client.getOutputStream().write(new byte[BODY_BYTES]);
      assertThat(read.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(BODY_BYTES);
      assertThat(pieces.isEmpty()).isTrue();
    }
  }

  private int serve(Consumer<RoutingContext> calls) throws Exception {
    Router router = Router.router(vertx);
    router.post().handler(calls::accept);
    HttpServer server = vertx.createHttpServer().requestHandler(router);
    return done(server.listen(0, "localhost")).actualPort();
  }

  private static Socket client(int port) throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), port);
    client.setSoTimeout(PATIENCE_SECONDS * 1_000);
    return client;
  }

  private static void begin(Socket client, int bodyBytes) throws IOException {
    client
        .getOutputStream()
        .write(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
                .formatted(bodyBytes)
                .getBytes(US_ASCII));
  }

  private static int bytes(InputStream body) {
    try {
      return body.readAllBytes().length;
    } catch (IOException e) {
      throw new IllegalStateException("What is in memory can be read", e);
    }
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
