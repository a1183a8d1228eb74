package io.trimtab.model.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** JSON files of a checkpoint folder. */
final class JsonFile {
  static final ObjectMapper JSON = new ObjectMapper();

  private JsonFile() {}

  /**
   * The file's tree.
   *
   * @throws TrimtabException FAILED_PRECONDITION if the file is missing or is not JSON
   */
  static JsonNode read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "The checkpoint folder lacks %s".formatted(file.getFileName()));
    }
    try {
      return JSON.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "%s is not JSON: %s".formatted(file.getFileName(), e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode empty() {
    return JSON.createObjectNode();
  }
}
