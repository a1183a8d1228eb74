package io.trimtab.events;

import io.cloudevents.CloudEvent;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FeedbackRequest;
import java.util.List;
import java.util.Map;

/**
 * Feedback as requests of HTTP bring it: a CloudEvent in any of its modes, read as {@link
 * FeedbackEvents} reads a record, or the JSON of a {@code FeedbackRequest} alone. Feedback without
 * an id has its event's. All refusals are INVALID_ARGUMENT. Any thread.
 */
public final class HttpFeedback {
  /** Events of one batch. */
  public static final int BATCH_MAX = 256;

  private final EventRequests events = new EventRequests(BATCH_MAX);

  /** What a request brought. */
  public sealed interface Brought {
    record One(FeedbackRequest request) implements Brought {}

    /** A batch, in its order. */
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
   * @param values the request's headers, by names in any case
   */
  public Brought read(Map<String, List<String>> values, byte[] body) {
    EventRequests.Headers headers = new EventRequests.Headers(values);
    try {
      return switch (EventRequests.mode(headers)) {
        case BINARY -> new Brought.One(request(events.binary(headers, body)));
        case STRUCTURED -> new Brought.One(request(events.structured(body)));
        case BATCHED -> new Brought.Batch(events.batch(body).stream().map(this::one).toList());
        case NONE -> new Brought.One(FeedbackData.parsed("The body", body));
      };
    } catch (StackOverflowError e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT, "The body is nested too deeply to be read", e);
    }
  }

  private Event one(byte[] event) {
    try {
      return new Event.Usable(request(events.structured(event)));
    } catch (TrimtabException e) {
      return new Event.Unusable(e);
    }
  }

  private static FeedbackRequest request(CloudEvent event) {
    FeedbackData.requireType(event);
    FeedbackRequest request = FeedbackData.of(event);
    return request.getFeedbackId().isEmpty()
        ? request.toBuilder().setFeedbackId(event.getId()).build()
        : request;
  }
}
