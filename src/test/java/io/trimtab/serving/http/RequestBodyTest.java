package io.trimtab.serving.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.InboundBudget;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
  private static final int PATIENCE_SECONDS = 60;
  private static final int BODY_BYTES = 600 << 10;

  /** Room for one such body. */
  private final InboundBudget budget = InboundBudget.quarterOf("Bodies", 0, 1 << 20);

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() throws Exception {
    done(vertx.close());
  }

  @Test
  void aBodyIsGoneWhileItsAnswerIsAwaited() throws Exception {
    MemoryPieces pieces = new MemoryPieces(budget, "birds");
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

  @Test
  void bodiesThatWaitForTheirEndAreRefusedWhenTheyAreTooMany() throws Exception {
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    int port = serve(call -> answer(call, failures));
    List<Socket> clients = new ArrayList<>();
    try {
      BlockingQueue<Socket> refused = new LinkedBlockingQueue<>();
      for (int i = 0; i < 3; i++) {
        Socket client = client(port);
        clients.add(client);
        begin(client, BODY_BYTES + 1);
        client.getOutputStream().write(new byte[BODY_BYTES]);
        Thread.startVirtualThread(
            () -> {
              if (status(client).contains("429")) {
                refused.add(client);
              }
            });
      }
      // Which of them has room is theirs to race for; no two have.
      Set<Socket> waiting = new HashSet<>(clients);
      for (int i = 0; i < 2; i++) {
        waiting.remove(refused.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertThat(failures.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
            .isInstanceOf(TrimtabException.class)
            .hasMessageContaining("expected at most 1048576");
      }
      assertThat(waiting).hasSize(1);
      waiting.iterator().next().close();
      assertThat(failures.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
          .isInstanceOfSatisfying(
              TrimtabException.class,
              gone -> assertThat(gone.code()).isEqualTo(ErrorCode.CANCELLED));
      assertThat(budget.heldBytes()).isZero();
      Socket next = client(port);
      clients.add(next);
      begin(next, BODY_BYTES);
      next.getOutputStream().write(new byte[BODY_BYTES]);
      assertThat(status(next)).contains("200");
      assertThat(budget.heldBytes()).isZero();
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  @Test
  void aBodyThatIsNotReadToItsEndGivesItsMemoryBack() throws Exception {
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    int port =
        serve(
            call ->
                answer(
                    call,
                    failures,
                    _ -> {
                      throw TrimtabException.invalid("no");
                    }));
    try (Socket client = client(port)) {
      begin(client, BODY_BYTES);
      client.getOutputStream().write(new byte[BODY_BYTES]);
      assertThat(status(client)).contains("400");
      assertThat(budget.heldBytes()).isZero();
    }
  }

  private void answer(RoutingContext call, BlockingQueue<Throwable> failures) {
    answer(call, failures, body -> CompletableFuture.completedFuture(bytes(body)));
  }

  private void answer(
      RoutingContext call,
      BlockingQueue<Throwable> failures,
      RequestBody.Use<InputStream, Integer> use) {
    var _ =
        RequestBody.used(call, new MemoryPieces(budget, "birds"), use)
            .whenComplete(
                (_, failure) -> {
                  if (failure != null) {
                    failures.add(failure.getCause());
                    call.response().setStatusCode(HttpFailure.of(failure).status());
                  }
                  if (!call.response().closed()) {
                    var _ = call.response().end();
                  }
                });
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

  /** The first line of the response; empty where none comes. */
  private static String status(Socket client) {
    try {
      String line =
          new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII)).readLine();
      return line == null ? "" : line;
    } catch (IOException _) {
      // Closed by the test.
      return "";
    }
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
