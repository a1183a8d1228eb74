package io.trimtab.cli.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Knows a Trimtab by its metrics. */
public record HttpNeighbour(Duration bound) implements Neighbour {
  private static final String MARK = "\ntrimtab_";
  private static final int READ_BYTES_MAX = 1 << 20;

  @Override
  public Optional<String> at(String host, int port) {
    try {
      URI metrics = new URI("http", null, host, port, "/metrics", null, null);
      HttpURLConnection connection = (HttpURLConnection) metrics.toURL().openConnection();
      connection.setConnectTimeout(Math.toIntExact(bound.toMillis()));
      connection.setReadTimeout(Math.toIntExact(bound.toMillis()));
      connection.setInstanceFollowRedirects(false);
      try (InputStream answer = connection.getInputStream()) {
        String text = new String(answer.readNBytes(READ_BYTES_MAX), StandardCharsets.UTF_8);
        return text.contains(MARK) ? Optional.of("a Trimtab") : Optional.empty();
      } finally {
        connection.disconnect();
      }
    } catch (IOException | URISyntaxException e) {
      return Optional.empty();
    }
  }
}
