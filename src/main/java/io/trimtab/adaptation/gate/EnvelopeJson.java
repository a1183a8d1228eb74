package io.trimtab.adaptation.gate;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Envelopes as JSON, by the names of their components. What says less is no envelope. */
public final class EnvelopeJson {
  // A later version may say more.
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          // The same envelope is the same text, and so the same blob.
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .defaultSetterInfo(JsonSetter.Value.forValueNulls(Nulls.FAIL, Nulls.FAIL))
          .build();

  private EnvelopeJson() {}

  public static byte[] write(Envelope envelope) {
    try {
      return JSON.writeValueAsBytes(envelope);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads one.
   *
   * @throws TrimtabException FAILED_PRECONDITION for anything that is no envelope
   */
  public static Envelope read(byte[] json) {
    try {
      JsonNode document = JSON.readTree(json);
      if (!document.isObject()) {
        throw none("%s instead of an object".formatted(document.getNodeType()), null);
      }
      return JSON.treeToValue(document, Envelope.class);
    } catch (JsonProcessingException e) {
      throw none(e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TrimtabException none(String got, @Nullable Throwable cause) {
    return new TrimtabException(
        ErrorCode.FAILED_PRECONDITION, "Expected the envelope of a revision, got: " + got, cause);
  }
}
