package io.trimtab.adapter;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdDelegatingSerializer;
import com.fasterxml.jackson.databind.util.StdConverter;
import java.io.IOException;

/**
 * {@link RevisionFiles} in a version of an adapter: the envelope is named where there is one, and
 * left out where there is none, as it was before there were any. All else is strict.
 */
final class RevisionFilesJson {
  private static final String ENVELOPE = "envelope";

  private RevisionFilesJson() {}

  static SimpleModule module() {
    return new SimpleModule()
        .addSerializer(
            RevisionFiles.class, new StdDelegatingSerializer(RevisionFiles.class, WRITTEN))
        .addDeserializer(RevisionFiles.class, new Reader());
  }

  private record Ungated(String config, String weights, long bytes) {}

  private record Gated(String config, String weights, long bytes, String envelope) {}

  private static final StdConverter<RevisionFiles, Object> WRITTEN =
      new StdConverter<>() {
        @Override
        public Object convert(RevisionFiles files) {
          String envelope = files.envelope();
          return envelope == null
              ? new Ungated(files.config(), files.weights(), files.bytes())
              : new Gated(files.config(), files.weights(), files.bytes(), envelope);
        }
      };

  private static final class Reader extends StdDeserializer<RevisionFiles> {
    private static final long serialVersionUID = 1;

    Reader() {
      super(RevisionFiles.class);
    }

    @Override
    public RevisionFiles deserialize(JsonParser from, DeserializationContext context)
        throws IOException {
      JsonNode files = context.readTree(from);
      if (files.has(ENVELOPE)) {
        Gated gated = context.readTreeAsValue(files, Gated.class);
        return new RevisionFiles(gated.config, gated.weights, gated.bytes, gated.envelope);
      }
      Ungated ungated = context.readTreeAsValue(files, Ungated.class);
      return new RevisionFiles(ungated.config, ungated.weights, ungated.bytes);
    }
  }
}
