package io.trimtab.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.file.Path;

/** Reads a JSON file that stands beside the weights. */
final class CheckpointJson {
  private static final JsonMapper JSON = new JsonMapper();

  private CheckpointJson() {}

  /**
   * The file's tree.
   *
   * @throws TrimtabException INVALID_ARGUMENT for a file that is not JSON or can't be read
   */
  static JsonNode read(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw TrimtabException.invalid(
          "%s is not JSON: %s".formatted(file.getFileName(), e.getOriginalMessage()));
    } catch (IOException e) {
      throw TrimtabException.invalid("%s can't be read: %s".formatted(file, e));
    }
  }
}
