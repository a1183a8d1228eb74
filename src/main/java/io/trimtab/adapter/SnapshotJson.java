package io.trimtab.adapter;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.store.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Versions of adapters as they lie in the store: {@link AdapterSnapshot} by the names of its
 * components, times as ISO 8601, and a format number. Read strictly: a version that says more, less
 * or anything else than this program would write is no version, rather than one half understood.
 */
final class SnapshotJson {
  /**
   * Grows with every change of what is written that a reader would take for something else. What is
   * added and can be absent, such as a revision's envelope, leaves it as it is.
   */
  static final int FORMAT = 1;

  private static final ObjectMapper JSON = mapper();

  private SnapshotJson() {}

  static byte[] write(AdapterSnapshot snapshot) {
    ObjectNode document = JSON.createObjectNode();
    document.put("format", FORMAT);
    document.set("adapter", JSON.valueToTree(snapshot));
    try {
      return JSON.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads one version.
   *
   * @throws UnreadableVersion for anything that {@link #write} would not write
   */
  static AdapterSnapshot read(byte[] contents) throws UnreadableVersion {
    try {
      JsonNode document = JSON.readTree(contents);
      JsonNode format = document.path("format");
      if (!format.isInt() || format.intValue() != FORMAT) {
        throw new UnreadableVersion(
            "its format is '%s', expected %d".formatted(format.asText(), FORMAT));
      }
      return JSON.treeToValue(document, Document.class).adapter();
    } catch (JsonProcessingException e) {
      throw new UnreadableVersion(e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Document(int format, AdapterSnapshot adapter) {}

  private static ObjectMapper mapper() {
    return StrictJson.builder()
        .withConfigOverride(
            GateReport.class,
            gate -> gate.setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.SET, Nulls.FAIL)))
        .addModule(RevisionFilesJson.module())
        .build();
  }
}
