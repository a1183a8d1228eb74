package io.trimtab.adapter;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * Versions of adapters as they lie in the store: {@link AdapterSnapshot} by the names of its
 * components, times as ISO 8601, and a format number. Read strictly: a version that says more, less
 * or anything else than this program would write is no version, rather than one half understood.
 */
final class SnapshotJson {
  /** Grows with every change of what is written. */
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
    return JsonMapper.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
        .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
        .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
        .defaultSetterInfo(JsonSetter.Value.forValueNulls(Nulls.FAIL, Nulls.FAIL))
        .withConfigOverride(
            GateReport.class,
            gate -> gate.setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.SET, Nulls.FAIL)))
        .addModule(
            new SimpleModule()
                .addSerializer(Instant.class, new InstantWriter())
                .addDeserializer(Instant.class, new InstantReader()))
        .build();
  }

  private static final class InstantWriter extends StdScalarSerializer<Instant> {
    InstantWriter() {
      super(Instant.class);
    }

    @Override
    public void serialize(Instant time, JsonGenerator to, SerializerProvider provider)
        throws IOException {
      to.writeString(time.toString());
    }
  }

  private static final class InstantReader extends StdScalarDeserializer<Instant> {
    InstantReader() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser from, DeserializationContext context) throws IOException {
      String text = from.getText();
      try {
        return Instant.parse(text);
      } catch (DateTimeException e) {
        throw context.weirdStringException(text, Instant.class, "expected ISO 8601");
      }
    }
  }
}
