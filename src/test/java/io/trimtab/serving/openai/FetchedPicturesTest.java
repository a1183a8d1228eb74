package io.trimtab.serving.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.trimtab.serving.http.FieldException;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FetchedPicturesTest {
  private static final String PLACE = "messages[0].content[0].image_url.url";

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch ended = new CountDownLatch(1);
  private HttpServer server;
  private volatile String host = "";

  @BeforeEach
  void serve() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          host = exchange.getRequestHeaders().getFirst("host");
          byte[] body = exchange.getRequestURI().toString().getBytes(UTF_8);
          switch (exchange.getRequestURI().getPath()) {
            case "/moved" -> {
              exchange.getResponseHeaders().set("location", "/picture");
              exchange.sendResponseHeaders(302, -1);
            }
            case "/slow" -> {
              try {
                ended.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              exchange.sendResponseHeaders(200, -1);
            }
            case "/large" -> {
              exchange.sendResponseHeaders(200, 0);
              exchange.getResponseBody().write(new byte[101]);
            }
            default -> {
              exchange.sendResponseHeaders(200, body.length);
              exchange.getResponseBody().write(body);
            }
          }
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    ended.countDown();
    server.stop(0);
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void pictureComesFromTheAddressThatWasLookedAt() {
    try (FetchedPictures pictures = pictures(60)) {
      byte[] fetched =
          pictures.fetch(url("pictures.example.org", "/picture?a=%20b"), PLACE).encoded();
      assertThat(new String(fetched, UTF_8)).isEqualTo("/picture?a=%20b");
      assertThat(host).isEqualTo("pictures.example.org:" + server.getAddress().getPort());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "elsewhere.org, /picture, not among those",
    "example.org, /picture, not among those",
    "pictures.example.org.evil.com, /picture, not among those",
    "private.example.org, /picture, without public addresses",
    "mixed.example.org, /picture, without public addresses",
    "unknown.example.org, /picture, without public addresses",
    "pictures.example.org, /moved, status 302",
    "pictures.example.org, /large, more than 100 bytes",
  })
  void whatMayNotBeFetchedIsRefusedByItsField(String name, String target, String words) {
    try (FetchedPictures pictures = pictures(60)) {
      FieldException refusal =
          catchThrowableOfType(
              FieldException.class, () -> pictures.fetch(url(name, target), PLACE));
      assertThat(refusal).hasMessageContaining(words);
      assertThat(refusal.param()).isEqualTo(PLACE);
      assertThat(asked.get())
          .isEqualTo(name.startsWith("pictures.example.org") && !name.endsWith("com") ? 1 : 0);
    }
  }

  @Test
  void slowHostIsNotWaitedForBeyondTheLimit() {
    try (FetchedPictures pictures = pictures(1)) {
      assertThat(
              catchThrowableOfType(
                  FieldException.class,
                  () -> pictures.fetch(url("pictures.example.org", "/slow"), PLACE)))
          .isNotNull();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://user:secret@pictures.example.org/a",
    "http:///a",
    "http://pictures.example.org:99999/a",
    "'http://pictures.example.org/a b'",
  })
  void urlOfAnotherFormIsRefused(String url) {
    try (FetchedPictures pictures = pictures(60)) {
      assertThat(catchThrowableOfType(FieldException.class, () -> pictures.fetch(url, PLACE)))
          .hasMessageContaining("expected http[s]://host/path");
    }
  }

  private String url(String name, String target) {
    return "http://%s:%d%s".formatted(name, server.getAddress().getPort(), target);
  }

  private FetchedPictures pictures(int seconds) {
    return new FetchedPictures(
        new OpenAiSettings.ImageUrls(List.of(".example.org"), 100, Duration.ofSeconds(seconds)),
        vertx,
        FetchedPicturesTest::resolve,
        // The test's own server stands for the internet.
        address -> address.isLoopbackAddress());
  }

  private static InetAddress[] resolve(String name) throws UnknownHostException {
    InetAddress internet = InetAddress.getLoopbackAddress();
    InetAddress inside = InetAddress.getByName("10.0.0.1");
    return switch (name) {
      case "private.example.org" -> new InetAddress[] {inside};
      case "mixed.example.org" -> new InetAddress[] {internet, inside};
      case "unknown.example.org" -> throw new UnknownHostException(name);
      default -> new InetAddress[] {internet};
    };
  }
}
