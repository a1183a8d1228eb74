package io.trimtab.serving.http;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.io.InputStream;

/** Reads the body of a request as one JSON value. How long it may be is the server's business. */
public final class JsonBody {
  // A picture is one text: as long as the body may be.
  private static final int TEXT_CHARACTERS_MAX = 64 << 20;
  private static final int DEPTH_MAX = 200;

  // A prompt may have a million token ids; of empty objects a body could hold twenty times as many,
  // each of which takes thirty times its bytes.
  private static final long TOKENS_MAX = 4 << 20;

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(TEXT_CHARACTERS_MAX)
                          .maxNestingDepth(DEPTH_MAX)
                          .maxTokenCount(TOKENS_MAX)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JsonBody() {}

  /**
   * The value; one of its own kind where there is none.
   *
   * @throws TrimtabException INVALID_ARGUMENT for what is no JSON, CANCELLED when the body breaks
   *     off
   */
  public static JsonNode read(InputStream body) {
    try {
      return JSON.readTree(body);
    } catch (JacksonException e) {
      throw TrimtabException.invalid("The body can't be read: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new TrimtabException(ErrorCode.CANCELLED, "The body broke off: " + e.getMessage(), e);
    }
  }
}
