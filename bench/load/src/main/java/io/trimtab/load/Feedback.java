package io.trimtab.load;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Corrections of an adapter that nobody asks. Their ids come again, in this run and in the next, so
 * that the server, which counts each once, never has enough of them to tune. Any thread.
 */
final class Feedback {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DIFFERENT = 4;

  /** Feedback is about pictures: where the question has none, this is added. */
  private static final byte[] PICTURE = Question.ALL.getFirst().picture().orElseThrow();

  private final AtomicLong next = new AtomicLong();

  String body(Target asked) {
    ObjectNode body =
        JSON.createObjectNode()
            .put("feedback_id", "load-" + next.getAndIncrement() % DIFFERENT)
            .put("adapter", "load-feedback")
            .put("correction", "a wren");
    ArrayNode parts = body.putArray("messages").addObject().put("role", "user").putArray("parts");
    parts.addObject().putObject("image").put("data", asked.question().picture().orElse(PICTURE));
    parts.addObject().put("text", asked.question().text());
    return body.toString();
  }
}
