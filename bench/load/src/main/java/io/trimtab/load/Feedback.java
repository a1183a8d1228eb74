package io.trimtab.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Corrections of an adapter that nobody asks. Their ids come again, so that the server, which
 * counts each once, never has enough of them to tune. Any thread.
 */
final class Feedback {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DIFFERENT = 4;

  private final String run;
  private final AtomicLong next = new AtomicLong();

  Feedback(String run) {
    this.run = run;
  }

  String body(Target about) {
    ObjectNode body =
        JSON.createObjectNode()
            .put("feedback_id", "load-%s-%d".formatted(run, next.getAndIncrement() % DIFFERENT))
            .put("adapter", "load-feedback")
            .put("correction", "a wren");
    body.putArray("messages")
        .addObject()
        .put("role", "user")
        .putArray("parts")
        .addObject()
        .put("text", about.question().text());
    return body.toString();
  }
}
