package io.trimtab.deploy;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** RFC 6902, as far as the overlays use it: {@code add}, {@code replace} and {@code test}. */
final class JsonPatch {
  private JsonPatch() {}

  /** Changes the document in place; an operation that does not fit it is refused. */
  static void apply(JsonNode operations, JsonNode document) {
    for (JsonNode operation : operations) {
      JsonPointer path = JsonPointer.compile(operation.required("path").textValue());
      JsonNode value = operation.required("value");
      switch (operation.required("op").textValue()) {
        case "add" -> add(document.at(path.head()), path, value);
        case "replace" -> {
          require(!document.at(path).isMissingNode(), operation);
          set(document.at(path.head()), path, value);
        }
        case "test" -> require(document.at(path).equals(value), operation);
        default -> require(false, operation);
      }
    }
  }

  private static void add(JsonNode parent, JsonPointer path, JsonNode value) {
    if (parent instanceof ArrayNode array) {
      if (path.last().getMatchingProperty().equals("-")) {
        array.add(value);
      } else {
        array.insert(path.last().getMatchingIndex(), value);
      }
    } else {
      set(parent, path, value);
    }
  }

  private static void set(JsonNode parent, JsonPointer path, JsonNode value) {
    switch (parent) {
      case ArrayNode array -> array.set(path.last().getMatchingIndex(), value);
      case ObjectNode object -> object.set(path.last().getMatchingProperty(), value);
      default -> throw new IllegalArgumentException("Nothing is there to change: " + path);
    }
  }

  private static void require(boolean holds, JsonNode operation) {
    if (!holds) {
      throw new IllegalArgumentException("The patch does not fit: " + operation);
    }
  }
}
