package io.trimtab.tuning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.TuningEvent.Failed;
import io.trimtab.tuning.TuningEvent.Finished;
import io.trimtab.tuning.TuningEvent.Held;
import io.trimtab.tuning.TuningEvent.Ready;
import io.trimtab.tuning.TuningEvent.Stepped;
import io.trimtab.tuning.TuningEvent.Validated;
import io.trimtab.tuning.TuningEvent.Working;
import io.trimtab.tuning.job.StrictJson;
import io.trimtab.tuning.job.TuningListener;
import java.util.Locale;
import java.util.Optional;

/**
 * Events and commands as lines of JSON: {@code {"event":"step","step":1,…}} out of the trainer,
 * {@code {"command":"pause"}} into it. What is no such line was printed by something else, and is
 * told apart, never an error.
 */
final class TuningLines {
  private static final JsonMapper JSON = new JsonMapper();

  private TuningLines() {}

  static String write(TuningEvent event) {
    return switch (event) {
      case Ready ready -> line("ready", ready);
      case Working working -> line("working", working);
      case Held held -> line("held", held);
      case Stepped stepped -> line("step", stepped.step());
      case Validated validated -> line("validated", validated.validation());
      case Finished finished -> line("finished", finished.outcome());
      case Failed failed -> line("failed", failed);
    };
  }

  static String write(TuningCommand command) {
    ObjectNode line = JSON.createObjectNode();
    return line.put("command", command.name().toLowerCase(Locale.ROOT)).toString();
  }

  /** The event that a line is; empty for a line that is none. */
  static Optional<TuningEvent> event(String line) {
    return object(line).flatMap(TuningLines::event);
  }

  /** The command that a line is; empty for a line that is none. */
  static Optional<TuningCommand> command(String line) {
    return object(line)
        .flatMap(
            node ->
                switch (node.path("command").asText()) {
                  case "pause" -> Optional.of(TuningCommand.PAUSE);
                  case "resume" -> Optional.of(TuningCommand.RESUME);
                  case "stop" -> Optional.of(TuningCommand.STOP);
                  default -> Optional.empty();
                });
  }

  private static Optional<TuningEvent> event(ObjectNode node) {
    JsonNode name = node.remove("event");
    if (name == null) {
      return Optional.empty();
    }
    String body = node.toString();
    try {
      return switch (name.asText()) {
        case "ready" -> Optional.of(read(body, Ready.class));
        case "working" -> Optional.of(read(body, Working.class));
        case "held" -> Optional.of(read(body, Held.class));
        case "step" -> Optional.of(new Stepped(read(body, TuningListener.Step.class)));
        case "validated" -> Optional.of(new Validated(read(body, TuningListener.Validation.class)));
        case "finished" -> Optional.of(new Finished(read(body, TuningListener.Outcome.class)));
        case "failed" -> Optional.of(read(body, Failed.class));
        default -> Optional.empty();
      };
    } catch (TrimtabException e) {
      return Optional.empty();
    }
  }

  private static <T> T read(String body, Class<T> type) {
    return StrictJson.read("The event", body, type);
  }

  private static String line(String event, Object body) {
    ObjectNode line = JSON.createObjectNode().put("event", event);
    line.setAll(object(StrictJson.write(body)).orElseThrow());
    return line.toString();
  }

  private static Optional<ObjectNode> object(String line) {
    if (!line.startsWith("{")) {
      return Optional.empty();
    }
    try {
      return JSON.readTree(line) instanceof ObjectNode node ? Optional.of(node) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
