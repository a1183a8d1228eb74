package io.trimtab.load;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Iterator;
import java.util.stream.Stream;

/** Streamed chat over HTTP/2 without TLS, all on the few connections of one client. */
final class ChatStreams implements AutoCloseable {
  private static final String DATA = "data: ";
  private static final String END = "[DONE]";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
  private final URI chat;

  ChatStreams(URI server) {
    this.chat = server.resolve("/v1/chat/completions");
  }

  Reply ask(Target target, Runnable firstToken) {
    try {
      HttpResponse<Stream<String>> answer =
          client.send(
              HttpRequest.newBuilder(chat)
                  .timeout(PATIENCE)
                  .header("content-type", "application/json")
                  .header("x-tenant", target.tenant())
                  .POST(BodyPublishers.ofString(ChatMessages.streamed(target)))
                  .build(),
              BodyHandlers.ofLines());
      try (Stream<String> lines = answer.body()) {
        return answer.statusCode() == 200
            ? Reply.ok(text(lines.iterator(), firstToken))
            : new Reply(String.valueOf(answer.statusCode()), String.join("\n", lines.toList()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Reply.of(e);
    } catch (IOException | RuntimeException e) {
      return Reply.of(e);
    }
  }

  private static String text(Iterator<String> lines, Runnable firstToken) throws IOException {
    StringBuilder text = new StringBuilder();
    while (lines.hasNext()) {
      String line = lines.next();
      if (!line.startsWith(DATA)) {
        continue;
      }
      String event = line.substring(DATA.length());
      if (event.equals(END)) {
        return text.toString();
      }
      String delta = ChatMessages.delta(event);
      if (text.isEmpty() && !delta.isEmpty()) {
        firstToken.run();
      }
      text.append(delta);
    }
    throw new IOException("The stream ended without " + END);
  }

  @Override
  public void close() {
    client.close();
  }
}
