package io.trimtab.serving.openai;

import io.trimtab.error.Quoted;
import io.trimtab.model.text.Picture;
import io.trimtab.serving.http.FieldException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Pictures fetched from the hosts of an allow-list. A name is resolved once, every address that it
 * has must be a public one, and the connection goes to an address that was looked at; so neither a
 * redirect, which is refused, nor a name that means something else a moment later leads into the
 * server's own network. Any thread; calls wait.
 */
public final class FetchedPictures implements RemotePictures, AutoCloseable {
  private static final int CONNECTIONS_MAX = 16;
  private static final int WAITING_MAX = 64;

  private final List<String> hosts;
  private final int bytesMax;
  private final Duration timeMax;
  private final Resolver resolver;
  private final Predicate<InetAddress> allowed;
  private final HttpClient client;

  /** What a host's name means now. */
  interface Resolver {
    InetAddress[] resolve(String host) throws UnknownHostException;
  }

  public FetchedPictures(OpenAiSettings.ImageUrls settings, Vertx vertx) {
    this(settings, vertx, InetAddress::getAllByName, PublicAddress::is);
  }

  FetchedPictures(
      OpenAiSettings.ImageUrls settings,
      Vertx vertx,
      Resolver resolver,
      Predicate<InetAddress> allowed) {
    this.hosts = settings.hosts();
    this.bytesMax = settings.bytesMax();
    this.timeMax = settings.timeMax();
    this.resolver = resolver;
    this.allowed = allowed;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setKeepAlive(false)
                .setMaxPoolSize(CONNECTIONS_MAX)
                .setMaxWaitQueueSize(WAITING_MAX)
                .setConnectTimeout(Math.toIntExact(timeMax.toMillis())));
  }

  @Override
  public Picture fetch(String url, String path) {
    URI uri = uri(url, path);
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    if (!isListed(host)) {
      throw FieldException.invalid(
          path,
          "%s names the host %s, which is not among those of trimtab.openai.image-urls.hosts"
              .formatted(path, Quoted.of(host)));
    }
    InetAddress address = address(host, path);
    CompletableFuture<byte[]> body = new CompletableFuture<>();
    boolean secure = "https".equalsIgnoreCase(uri.getScheme());
    int port = uri.getPort() > 0 ? uri.getPort() : secure ? 443 : 80;
    var _ =
        client
            .request(
                new RequestOptions()
                    .setMethod(HttpMethod.GET)
                    // The very address that was looked at; the name is for TLS and the header.
                    .setServer(SocketAddress.inetSocketAddress(port, address.getHostAddress()))
                    .setHost(host)
                    .setPort(port)
                    .setSsl(secure)
                    .setURI(target(uri))
                    .setFollowRedirects(false)
                    .setTimeout(timeMax.toMillis()))
            .onSuccess(request -> send(request, body))
            .onFailure(body::completeExceptionally);
    return Picture.of(await(body, path));
  }

  private void send(HttpClientRequest request, CompletableFuture<byte[]> body) {
    // Whatever ends the wait ends the connection.
    var _ = body.whenComplete((_, failure) -> resetAfter(failure, request));
    var _ =
        request
            .putHeader("accept", "image/*")
            .send()
            .onSuccess(response -> receive(response, body))
            .onFailure(body::completeExceptionally);
  }

  private static void resetAfter(@Nullable Throwable failure, HttpClientRequest request) {
    if (failure != null) {
      var _ = request.reset();
    }
  }

  private void receive(HttpClientResponse response, CompletableFuture<byte[]> body) {
    if (response.statusCode() != 200) {
      body.completeExceptionally(
          new Refused(
              "answers with the status %d, expected 200; redirects are not followed"
                  .formatted(response.statusCode())));
      return;
    }
    Buffer gathered = Buffer.buffer();
    response.exceptionHandler(body::completeExceptionally);
    response.handler(
        piece -> {
          if (gathered.length() + piece.length() > bytesMax) {
            body.completeExceptionally(
                new Refused("has more than %d bytes, expected at most that".formatted(bytesMax)));
          } else {
            gathered.appendBuffer(piece);
          }
        });
    response.endHandler(_ -> body.complete(gathered.getBytes()));
  }

  private byte[] await(CompletableFuture<byte[]> body, String path) {
    try {
      return body.get(timeMax.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw FieldException.invalid(
          path,
          "What %s names %s"
              .formatted(
                  path,
                  e.getCause() instanceof Refused refused
                      ? refused.getMessage()
                      : "can't be fetched"));
    } catch (TimeoutException _) {
      body.cancel(true);
      throw FieldException.invalid(
          path, "What %s names did not come within %d s".formatted(path, timeMax.toSeconds()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      body.cancel(true);
      throw FieldException.invalid(path, "The fetching was interrupted");
    }
  }

  private boolean isListed(String host) {
    return hosts.stream()
        .anyMatch(listed -> listed.startsWith(".") ? host.endsWith(listed) : host.equals(listed));
  }

  private InetAddress address(String host, String path) {
    InetAddress[] addresses;
    try {
      addresses = resolver.resolve(host);
    } catch (UnknownHostException _) {
      addresses = new InetAddress[0];
    }
    if (addresses.length == 0 || !Arrays.stream(addresses).allMatch(allowed)) {
      throw FieldException.invalid(
          path, "%s names a host without public addresses alone".formatted(path));
    }
    return addresses[0];
  }

  private static URI uri(String url, String path) {
    try {
      URI uri = new URI(url);
      if (uri.getHost() != null && uri.getUserInfo() == null && uri.getPort() < 1 << 16) {
        return uri;
      }
    } catch (URISyntaxException _) {
      // Said below.
    }
    throw FieldException.invalid(
        path, "%s is %s, expected http[s]://host/path".formatted(path, Quoted.of(url)));
  }

  private static String target(URI uri) {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
  }

  @Override
  public void close() {
    var _ = client.close();
  }

  /** An answer that is none of a picture. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message, null, false, false);
    }
  }
}
