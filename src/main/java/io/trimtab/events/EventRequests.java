package io.trimtab.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.data.BytesCloudEventData;
import io.cloudevents.jackson.JsonFormat;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * CloudEvents 1.0 as requests of HTTP (the HTTP protocol binding): binary, structured and batched
 * mode are read. All refusals are INVALID_ARGUMENT. Any thread.
 */
final class EventRequests {
  private static final String CONTENT_TYPE = "content-type";
  private static final String CLOUD_EVENTS = "application/cloudevents";
  private static final String STRUCTURED = "application/cloudevents+json";
  private static final String BATCHED = "application/cloudevents-batch+json";
  private static final String PREFIX = "ce-";
  private static final String VERSION = PREFIX + "specversion";

  private final JsonFormat structured = new JsonFormat();
  private final JsonMapper json = new JsonMapper();
  private final int batchMax;

  /** How a request carries events. */
  enum Mode {
    BINARY,
    STRUCTURED,
    BATCHED,
    /** It carries none. */
    NONE
  }

  /** A request's headers, by names in any case. */
  record Headers(Map<String, List<String>> values) {
    Headers {
      Map<String, List<String>> named = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      named.putAll(values);
      values = named;
    }

    /** The first of a name; empty for none. */
    String first(String name) {
      List<String> of = values.getOrDefault(name, List.of());
      return of.isEmpty() ? "" : of.getFirst();
    }

    /** Whether one of them is an event's attribute. */
    boolean nameAttributes() {
      return values.keySet().stream().anyMatch(Headers::isAttribute);
    }

    private static boolean isAttribute(String name) {
      return name.toLowerCase(Locale.ROOT).startsWith(PREFIX);
    }
  }

  /**
   * @param batchMax events of one batch
   */
  EventRequests(int batchMax) {
    this.batchMax = batchMax;
  }

  /** The content type alone says it, and where that is none of CloudEvents', the headers. */
  static Mode mode(Headers headers) {
    String mediaType =
        headers.first(CONTENT_TYPE).split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (mediaType.equals(BATCHED)) {
      return Mode.BATCHED;
    }
    if (mediaType.equals(STRUCTURED)) {
      return Mode.STRUCTURED;
    }
    if (mediaType.startsWith(CLOUD_EVENTS)) {
      throw TrimtabException.invalid(
          "content-type is %s, expected %s, %s or a CloudEvent in binary mode"
              .formatted(Quoted.of(mediaType), STRUCTURED, BATCHED));
    }
    return headers.nameAttributes() ? Mode.BINARY : Mode.NONE;
  }

  CloudEvent structured(byte[] body) {
    return event(() -> structured.deserialize(body));
  }

  CloudEvent binary(Headers headers, byte[] body) {
    return event(() -> built(headers, body));
  }

  private static CloudEvent built(Headers headers, byte[] body) {
    String version = HeaderText.decoded(VERSION, headers.first(VERSION));
    if (version.isEmpty()) {
      throw TrimtabException.invalid("The header %s is missing, expected 1.0".formatted(VERSION));
    }
    CloudEventBuilder event = CloudEventBuilder.fromSpecVersion(SpecVersion.parse(version));
    headers
        .values()
        .forEach(
            (header, values) -> {
              String name = header.toLowerCase(Locale.ROOT);
              if (Headers.isAttribute(name) && !name.equals(VERSION)) {
                event.withContextAttribute(name.substring(PREFIX.length()), value(name, values));
              }
            });
    String contentType = headers.first(CONTENT_TYPE);
    if (!contentType.isEmpty()) {
      event.withContextAttribute("datacontenttype", contentType);
    }
    return (body.length == 0 ? event : event.withData(BytesCloudEventData.wrap(body))).build();
  }

  private static String value(String name, List<String> values) {
    if (values.size() != 1) {
      throw TrimtabException.invalid(
          "The header %s came %d times, expected once".formatted(name, values.size()));
    }
    return HeaderText.decoded(name, values.getFirst());
  }

  /** The events of a batch, each in structured mode. */
  List<byte[]> batch(byte[] body) {
    try {
      JsonNode events = json.readTree(body);
      if (!events.isArray() || events.isEmpty() || events.size() > batchMax) {
        throw TrimtabException.invalid(
            "The batch is %s, expected an array of 1 to %d CloudEvents"
                .formatted(
                    events.isArray() ? "of " + events.size() : events.getNodeType(), batchMax));
      }
      List<byte[]> all = new ArrayList<>(events.size());
      for (JsonNode event : events) {
        all.add(json.writeValueAsBytes(event));
      }
      return all;
    } catch (JsonProcessingException e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT, "The batch is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CloudEvent event(Supplier<@Nullable CloudEvent> reading) {
    CloudEvent event;
    try {
      event = reading.get();
    } catch (TrimtabException e) {
      throw e;
    } catch (RuntimeException e) {
      // Whatever the library throws.
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT,
          "The request is not a CloudEvent: " + EventRecords.deepest(e),
          e);
    }
    if (event == null) {
      // The JSON literal null.
      throw TrimtabException.invalid("The body is null, expected a CloudEvent");
    }
    if (event.getSpecVersion() != SpecVersion.V1) {
      throw TrimtabException.invalid(
          "The event is a CloudEvent %s, expected 1.0".formatted(event.getSpecVersion()));
    }
    return event;
  }
}
