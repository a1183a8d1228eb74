package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.net.URI;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.util.Locale;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * CloudEvents 1.0 as records of Kafka (the Kafka protocol binding): binary mode is written, binary
 * and structured mode are read. All data is JSON. Any thread.
 */
final class EventRecords {
  private static final String CONTENT_TYPE = "content-type";
  private static final String STRUCTURED = "application/cloudevents";
  private static final String STRUCTURED_JSON = "application/cloudevents+json";
  private static final String BINARY = "ce_specversion";
  private static final String JSON = "application/json";

  private final JsonFormat structured = new JsonFormat();
  private final URI source;
  private final Clock clock;

  EventRecords(String source, Clock clock) {
    this.source = URI.create(source);
    this.clock = clock;
  }

  /** An event of now. */
  ProducerRecord<byte[], byte[]> write(
      String topic, String key, String type, String id, byte[] json) {
    CloudEvent event =
        CloudEventBuilder.v1()
            .withId(id)
            .withSource(source)
            .withType(type)
            .withTime(OffsetDateTime.now(clock))
            .withData(JSON, json)
            .build();
    return KafkaMessageFactory.<byte[]>createWriter(topic, null, key.getBytes(UTF_8))
        .writeBinary(event);
  }

  /**
   * The event that a record is.
   *
   * @throws TrimtabException INVALID_ARGUMENT for anything else
   */
  CloudEvent read(Headers headers, byte @Nullable [] value) {
    if (value == null) {
      throw TrimtabException.invalid("The record has no value, expected a CloudEvent");
    }
    String contentType = header(headers, CONTENT_TYPE).strip().toLowerCase(Locale.ROOT);
    CloudEvent event;
    try {
      event =
          contentType.startsWith(STRUCTURED)
              ? structured(contentType, value)
              : binary(headers, value);
    } catch (TrimtabException e) {
      throw e;
    } catch (RuntimeException e) {
      // Whatever the library throws: a record that can't be read now can't be read later either.
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT, "The record is not a CloudEvent: " + deepest(e), e);
    }
    if (event.getSpecVersion() != SpecVersion.V1) {
      throw TrimtabException.invalid(
          "The record is a CloudEvent %s, expected 1.0".formatted(event.getSpecVersion()));
    }
    return event;
  }

  private CloudEvent structured(String contentType, byte[] value) {
    if (!contentType.startsWith(STRUCTURED_JSON)) {
      throw TrimtabException.invalid(
          "The record's content-type is %s, expected %s or a CloudEvent in binary mode"
              .formatted(Quoted.of(contentType), STRUCTURED_JSON));
    }
    @Nullable CloudEvent event = structured.deserialize(value);
    if (event == null) {
      // The JSON literal null.
      throw TrimtabException.invalid("The record is null, expected a CloudEvent");
    }
    return event;
  }

  private static CloudEvent binary(Headers headers, byte[] value) {
    if (headers.lastHeader(BINARY) == null) {
      throw TrimtabException.invalid(
          "The record is not a CloudEvent: expected the headers ce_specversion, ce_type, ce_source"
              + " and ce_id, or content-type "
              + STRUCTURED_JSON);
    }
    return KafkaMessageFactory.createReader(headers, value).toEvent();
  }

  /** A header as text; empty where there is none. */
  static String header(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null ? "" : new String(header.value(), UTF_8);
  }

  static String deepest(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return Quoted.of(KafkaFailure.reason(cause));
  }
}
