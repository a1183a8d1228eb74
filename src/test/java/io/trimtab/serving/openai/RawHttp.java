package io.trimtab.serving.openai;

import io.trimtab.model.text.Picture;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;

/** HTTP without any client of the protocol: bytes there, bytes back. */
final class RawHttp {
  static final String CHAT = "v1/chat/completions";

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final URI server;
  private final HttpClient client = HttpClient.newHttpClient();

  RawHttp(URI server) {
    this.server = server;
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return client.send(request(path, body), BodyHandlers.ofString());
  }

  HttpResponse<InputStream> open(String path, String body)
      throws IOException, InterruptedException {
    return client.send(request(path, body), BodyHandlers.ofInputStream());
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(server.resolve(path)).timeout(PATIENCE);
  }

  HttpRequest request(String path, String body) {
    return to(path)
        .header("content-type", "application/json")
        .POST(BodyPublishers.ofString(body))
        .build();
  }

  static String dataUrl(Picture picture) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(picture.encoded());
  }
}
