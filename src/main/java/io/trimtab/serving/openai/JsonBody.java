package io.trimtab.serving.openai;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.io.InputStream;

/** Reads the body of a request as one JSON object. How long it may be is the server's business. */
final class JsonBody {
  // A picture is one text: as long as the body may be.
  private static final int TEXT_CHARACTERS_MAX = 64 << 20;
  private static final int DEPTH_MAX = 200;

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(TEXT_CHARACTERS_MAX)
                          .maxNestingDepth(DEPTH_MAX)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JsonBody() {}

  /**
   * The object. Waits for the client.
   *
   * @throws TrimtabException INVALID_ARGUMENT for anything else, CANCELLED when the body breaks off
   */
  static JsonFields read(InputStream body) {
    JsonNode read;
    try {
      read = JSON.readTree(body);
    } catch (JacksonException e) {
      throw TrimtabException.invalid("The body can't be read: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new TrimtabException(ErrorCode.CANCELLED, "The body broke off: " + e.getMessage(), e);
    }
    if (read instanceof ObjectNode object) {
      return new JsonFields(object, "");
    }
    throw TrimtabException.invalid(
        "The body is %s, expected a JSON object".formatted(JsonFields.kind(read)));
  }
}
