package io.trimtab.events;

import io.cloudevents.CloudEvent;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FeedbackRequest;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Feedback as records of its topic: a CloudEvent of type {@value #TYPE} whose data is the protobuf
 * JSON mapping of {@code trimtab.v1.FeedbackRequest}, under the tenant as key.
 *
 * <p>Read generously where nothing is lost by it: fields that this program does not know are passed
 * over, so that newer programs may write to older ones; the tenant may stand in the key alone;
 * feedback without an id has its event's. Any thread; may block on the disk for pictures.
 */
final class FeedbackEvents {
  static final String TYPE = FeedbackData.TYPE;

  private final String topic;
  private final EventRecords records;
  private final FeedbackMessages messages;
  private final EventLimits limits;

  FeedbackEvents(
      String topic, EventRecords records, FeedbackMessages messages, EventLimits limits) {
    this.topic = topic;
    this.records = records;
    this.messages = messages;
    this.limits = limits;
  }

  /** What a record is. */
  sealed interface Reading {
    record Usable(Feedback feedback) implements Reading {}

    /**
     * It can't be used, now or later.
     *
     * @param owner as far as the record could be read
     */
    record Unusable(Owner owner, String reason) implements Reading {}
  }

  /** Whose a record is. */
  sealed interface Owner {
    record Unknown() implements Owner {}

    record Tenant(String tenant) implements Owner {}

    record Adapter(AdapterId id) implements Owner {}
  }

  /**
   * Writes feedback, after its larger pictures are kept.
   *
   * @throws TrimtabException INVALID_ARGUMENT for more than a record may have, and what the store
   *     throws
   */
  ProducerRecord<byte[], byte[]> write(Feedback feedback) {
    String tenant = feedback.adapter().tenant();
    byte[] json = FeedbackData.json(messages.write(feedback));
    if (json.length > limits.recordBytesMax()) {
      throw TrimtabException.invalid(
          "The feedback has %d bytes without its larger pictures, expected at most %d"
              .formatted(json.length, limits.recordBytesMax()));
    }
    return records.write(topic, tenant, TYPE, feedback.id(), json);
  }

  /**
   * Reads a record.
   *
   * @throws TrimtabException where the store fails: to be read again later
   */
  Reading read(ConsumerRecord<byte[], byte[]> record) {
    Owner owner = new Owner.Unknown();
    try {
      String key = FeedbackData.text("The key", record.key() == null ? new byte[0] : record.key());
      owner = owner(key);
      CloudEvent event = event(record.headers(), record.value());
      FeedbackRequest request = FeedbackData.of(event);
      String tenant = tenant(request, key);
      owner = new Owner.Tenant(tenant);
      owner = new Owner.Adapter(FeedbackMessages.adapter(request, tenant));
      return new Reading.Usable(messages.read(request, tenant, event.getId()));
    } catch (TrimtabException e) {
      return switch (e.code()) {
        // A damaged picture stays damaged: the record would stand in the way for ever.
        case INVALID_ARGUMENT, NOT_FOUND, INTERNAL ->
            new Reading.Unusable(owner, String.valueOf(e.getMessage()));
        case UNAUTHENTICATED,
            RESOURCE_EXHAUSTED,
            FAILED_PRECONDITION,
            UNAVAILABLE,
            CANCELLED,
            DEADLINE_EXCEEDED ->
            throw e;
      };
    } catch (StackOverflowError e) {
      return new Reading.Unusable(owner, "The data is nested too deeply to be read");
    }
  }

  private CloudEvent event(Headers headers, byte @Nullable [] value) {
    if (value != null && value.length > limits.recordBytesMax()) {
      throw TrimtabException.invalid(
          "The record has %d bytes, expected at most %d: send large pictures to the server first,"
                  .formatted(value.length, limits.recordBytesMax())
              + " and name them by digest");
    }
    CloudEvent event = records.read(headers, value);
    FeedbackData.requireType(event);
    return event;
  }

  private static String tenant(FeedbackRequest request, String key) {
    String tenant = request.getTenant().isEmpty() ? key : request.getTenant();
    if (tenant.isEmpty()) {
      throw TrimtabException.invalid("No tenant, expected its name in the data and as the key");
    }
    if (!AdapterId.isName(tenant)) {
      throw TrimtabException.invalid(
          "The tenant is %s, expected %s".formatted(Quoted.of(tenant), AdapterId.SYNTAX));
    }
    // Another key would put the tenant's feedback out of order.
    if (!key.isEmpty() && !key.equals(tenant)) {
      throw TrimtabException.invalid(
          "The record's key is %s, expected its tenant, %s".formatted(Quoted.of(key), tenant));
    }
    return tenant;
  }

  private static Owner owner(String key) {
    return AdapterId.isName(key) ? new Owner.Tenant(key) : new Owner.Unknown();
  }
}
