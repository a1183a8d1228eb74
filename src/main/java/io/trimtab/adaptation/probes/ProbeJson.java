package io.trimtab.adaptation.probes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.StrictJson;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A line of {@code probes.jsonl} as text. People write these, so each mistake is named. */
final class ProbeJson {
  private static final ObjectMapper JSON = StrictJson.builder().build();
  private static final String TASK = "task";
  private static final String PICTURE = "picture";
  private static final String QUESTION = "question";
  private static final String ANSWER = "answer";
  private static final String USE = "use";
  private static final List<String> FIELDS = List.of(TASK, PICTURE, QUESTION, ANSWER, USE);

  private ProbeJson() {}

  static String text(ProbeLine line) {
    ObjectNode object = JSON.createObjectNode();
    object.put(TASK, line.task());
    object.put(PICTURE, line.picture());
    object.put(QUESTION, line.question());
    line.answer().ifPresent(answer -> object.put(ANSWER, answer));
    line.use().ifPresent(use -> object.put(USE, use.wireName()));
    return object.toString();
  }

  /**
   * The line that a text is.
   *
   * @throws TrimtabException INVALID_ARGUMENT with what was expected
   */
  static ProbeLine line(String text) {
    JsonNode object = tree(text);
    object
        .fieldNames()
        .forEachRemaining(
            field -> {
              if (!FIELDS.contains(field)) {
                throw TrimtabException.invalid(
                    "unknown field '%s', expected %s".formatted(field, String.join(", ", FIELDS)));
              }
            });
    return new ProbeLine(
        required(object, TASK),
        required(object, PICTURE),
        required(object, QUESTION),
        optional(object, ANSWER),
        optional(object, USE).map(ProbeJson::use));
  }

  private static JsonNode tree(String text) {
    try {
      JsonNode tree = JSON.readTree(text);
      if (!tree.isObject()) {
        throw TrimtabException.invalid(
            "expected a JSON object, got %s"
                .formatted(tree.isMissingNode() ? "an empty line" : tree.getNodeType()));
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw TrimtabException.invalid(
          "expected a JSON object, got what is not JSON: " + e.getOriginalMessage());
    }
  }

  private static String required(JsonNode object, String field) {
    return optional(object, field)
        .orElseThrow(
            () -> TrimtabException.invalid("%s is missing, expected text".formatted(field)));
  }

  private static Optional<String> optional(JsonNode object, String field) {
    JsonNode value = object.path(field);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw TrimtabException.invalid("%s is %s, expected text".formatted(field, value));
    }
    return Optional.of(value.asText());
  }

  private static ProbeUse use(String name) {
    return Arrays.stream(ProbeUse.values())
        .filter(use -> use.wireName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                TrimtabException.invalid(
                    "use is '%s', expected probe or rehearsal".formatted(name)));
  }
}
