package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.cloudevents.CloudEvent;
import io.cloudevents.CloudEventData;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FeedbackRequest;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * The protobuf JSON mapping of {@code trimtab.v1.FeedbackRequest}, as an event's data and by
 * itself. Fields that this program does not know are passed over, so that newer programs may write
 * to older ones. All refusals are INVALID_ARGUMENT. Any thread.
 */
final class FeedbackData {
  static final String TYPE = "io.trimtab.feedback.v1";

  private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private FeedbackData() {}

  /** Refuses an event of another type. */
  static void requireType(CloudEvent event) {
    if (!event.getType().equals(TYPE)) {
      throw TrimtabException.invalid(
          "The event's type is %s, expected %s".formatted(Quoted.of(event.getType()), TYPE));
    }
  }

  /** The request that an event's data is. */
  static FeedbackRequest of(CloudEvent event) {
    CloudEventData data = event.getData();
    if (data == null) {
      throw TrimtabException.invalid("The event has no data, expected JSON of FeedbackRequest");
    }
    return parsed("The event's data", data.toBytes());
  }

  /**
   * The request that a text is.
   *
   * @param what it is, as a refusal begins
   */
  static FeedbackRequest parsed(String what, byte[] json) {
    FeedbackRequest.Builder request = FeedbackRequest.newBuilder();
    try {
      PARSER.merge(text(what, json), request);
    } catch (InvalidProtocolBufferException e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT,
          what + " is not JSON of FeedbackRequest: " + Quoted.of(KafkaFailure.reason(e)),
          e);
    } catch (StackOverflowError e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT, what + " is nested too deeply to be read", e);
    }
    return request.build();
  }

  static byte[] json(FeedbackRequest request) {
    try {
      return PRINTER.print(request).getBytes(UTF_8);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("FeedbackRequest holds no message of unknown type", e);
    }
  }

  static String text(String what, byte[] bytes) {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new TrimtabException(ErrorCode.INVALID_ARGUMENT, what + " is not UTF-8", e);
    }
  }
}
