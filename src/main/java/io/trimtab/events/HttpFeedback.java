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
import io.trimtab.v1.FeedbackRequest;
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
 * Feedback as requests of HTTP bring it: a CloudEvent in binary, structured or batched mode (HTTP
 * protocol binding 1.0), read as {@link FeedbackEvents} reads a record, or the JSON of a {@code
 * FeedbackRequest} alone. Feedback without an id has its event's. All refusals are
 * INVALID_ARGUMENT. Any thread.
 */
public final class HttpFeedback {
  /** Events of one batch. */
  public static final int BATCH_MAX = 256;

  private static final String CONTENT_TYPE = "content-type";
  private static final String CLOUD_EVENTS = "application/cloudevents";
  private static final String STRUCTURED = "application/cloudevents+json";
  private static final String BATCHED = "application/cloudevents-batch+json";
  private static final String PREFIX = "ce-";
  private static final String BINARY = PREFIX + "specversion";

  private final JsonFormat structured = new JsonFormat();
  private final JsonMapper json = new JsonMapper();

  /** What a request brought. */
  public sealed interface Brought {
    record One(FeedbackRequest request) implements Brought {}

    /**
     * A batch, in its order.
     *
     * @param events each a request, or why it is none
     */
    record Batch(List<Event> events) implements Brought {
      public Batch {
        events = List.copyOf(events);
      }
    }
  }

  /** One event of a batch; one that can't be read leaves the others alone. */
  public sealed interface Event {
    record Usable(FeedbackRequest request) implements Event {}

    record Unusable(TrimtabException refusal) implements Event {}
  }

  /**
   * Reads a request.
   *
   * @param headers of the request, by names in any case
   */
  public Brought read(Map<String, List<String>> headers, byte[] body) {
    Map<String, List<String>> named = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    named.putAll(headers);
    String contentType = first(named, CONTENT_TYPE).strip().toLowerCase(Locale.ROOT);
    String mediaType = contentType.split(";", 2)[0].strip();
    try {
      if (mediaType.equals(BATCHED)) {
        return new Brought.Batch(batch(body));
      }
      if (mediaType.equals(STRUCTURED)) {
        return new Brought.One(request(event(() -> structured(body))));
      }
      if (mediaType.startsWith(CLOUD_EVENTS)) {
        throw TrimtabException.invalid(
            "content-type is %s, expected %s, %s or a CloudEvent in binary mode"
                .formatted(Quoted.of(contentType), STRUCTURED, BATCHED));
      }
      return new Brought.One(
          named.containsKey(BINARY)
              ? request(event(() -> binary(named, contentType, body)))
              : plain(named, body));
    } catch (StackOverflowError e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT, "The body is nested too deeply to be read", e);
    }
  }

  private static FeedbackRequest plain(Map<String, List<String>> headers, byte[] body) {
    // An event whose version was left out must not be read as something else.
    if (headers.keySet().stream().anyMatch(name -> name.toLowerCase(Locale.ROOT).startsWith(PREFIX))) {
      throw TrimtabException.invalid(
          "The headers are not those of a CloudEvent: expected ce-specversion, ce-type, ce-source"
              + " and ce-id");
    }
    return FeedbackData.parsed("The body", body);
  }

  private static FeedbackRequest request(CloudEvent event) {
    if (event.getSpecVersion() != SpecVersion.V1) {
      throw TrimtabException.invalid(
          "The event is a CloudEvent %s, expected 1.0".formatted(event.getSpecVersion()));
    }
    FeedbackData.requireType(event);
    FeedbackRequest request = FeedbackData.of(event);
    return request.getFeedbackId().isEmpty()
        ? request.toBuilder().setFeedbackId(event.getId()).build()
        : request;
  }

  private static CloudEvent event(Supplier<@Nullable CloudEvent> reading) {
    CloudEvent event;
    try {
      event = reading.get();
    } catch (TrimtabException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT,
          "The request is not a CloudEvent: " + EventRecords.deepest(e),
          e);
    }
    if (event == null) {
      // The JSON literal null.
      throw TrimtabException.invalid("The body is null, expected a CloudEvent");
    }
    return event;
  }

  private @Nullable CloudEvent structured(byte[] body) {
    return structured.deserialize(body);
  }

  private static CloudEvent binary(
      Map<String, List<String>> headers, String contentType, byte[] body) {
    CloudEventBuilder event =
        CloudEventBuilder.fromSpecVersion(
            SpecVersion.parse(HeaderText.decoded(BINARY, first(headers, BINARY))));
    headers.forEach(
        (header, values) -> {
          String name = header.toLowerCase(Locale.ROOT);
          if (!name.startsWith(PREFIX) || name.equals(BINARY)) {
            return;
          }
          if (values.size() != 1) {
            throw TrimtabException.invalid(
                "The header %s came %d times, expected once".formatted(name, values.size()));
          }
          String attribute = name.substring(PREFIX.length());
          String value = HeaderText.decoded(name, values.getFirst());
          event.withContextAttribute(attribute, value);
        });
    if (!contentType.isEmpty()) {
      event.withContextAttribute("datacontenttype", contentType);
    }
    return (body.length == 0 ? event : event.withData(BytesCloudEventData.wrap(body))).build();
  }

  private List<Event> batch(byte[] body) {
    JsonNode events;
    try {
      events = json.readTree(body);
    } catch (JsonProcessingException e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT, "The batch is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!events.isArray() || events.isEmpty() || events.size() > BATCH_MAX) {
      throw TrimtabException.invalid(
          "The batch is %s, expected an array of 1 to %d CloudEvents"
              .formatted(
                  events.isArray() ? "of " + events.size() : events.getNodeType(), BATCH_MAX));
    }
    List<Event> read = new ArrayList<>(events.size());
    for (JsonNode each : events) {
      read.add(one(each));
    }
    return read;
  }

  private Event one(JsonNode each) {
    try {
      byte[] event = json.writeValueAsBytes(each);
      return new Event.Usable(request(event(() -> structured(event))));
    } catch (TrimtabException e) {
      return new Event.Unusable(e);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("What was read as JSON can be written", e);
    }
  }

  private static String first(Map<String, List<String>> headers, String name) {
    List<String> values = headers.get(name);
    return values == null || values.isEmpty() ? "" : values.getFirst();
  }
}
