package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.PlainText;
import io.trimtab.error.TrimtabException;
import io.trimtab.events.FeedbackEvents.Owner;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Records that can't be used, on the topic of dead letters: key, value and headers as they were,
 * and the reason and where they lay in headers of ours. What is too large for the topic is cut,
 * which the reason then says. Any thread.
 */
final class DeadLetters {
  /** Headers of ours begin so; those of a record that do are not its own. */
  static final String OURS = "trimtab-";

  static final String REASON = OURS + "reason";
  static final String TENANT = OURS + "tenant";
  static final String CUT = OURS + "cut-from-bytes";

  private static final int REASON_CHARACTERS_MAX = 1_000;
  private static final int CUT_BYTES = 4 << 10;

  /** Adapters with counts of their own; further ones are counted in the log alone. */
  private static final int ADAPTERS_MAX = 10_000;

  private final String topic;
  private final RecordSender sender;
  private final Map<AdapterId, AtomicLong> counts = new ConcurrentHashMap<>();

  DeadLetters(String topic, RecordSender sender) {
    this.topic = topic;
    this.sender = sender;
  }

  /**
   * Puts a record there; it is when this returns.
   *
   * @throws TrimtabException UNAVAILABLE while the broker is away
   */
  void put(ConsumerRecord<byte[], byte[]> record, Owner owner, String reason) {
    Headers ours = ours(record, owner);
    byte[] value = record.value();
    if (value == null || value.length <= sender.valueBytesMax()) {
      if (isTaken(letter(record, value, headers(record.headers(), ours, reason)))) {
        count(owner);
        return;
      }
    }
    // The whole did not fit; then its beginning, and at last without what else may be large.
    int bytes = value == null ? 0 : value.length;
    String cut = "%s (cut from %d bytes, the topic of dead letters takes no more)";
    ours.add(CUT, Integer.toString(bytes).getBytes(UTF_8));
    String reasonCut = cut.formatted(reason, bytes);
    byte[] beginning =
        value == null ? new byte[0] : Arrays.copyOf(value, Math.min(CUT_BYTES, bytes));
    if (isTaken(letter(record, beginning, headers(record.headers(), ours, reasonCut)))
        || isTaken(
            new ProducerRecord<>(
                topic, null, null, null, beginning, headers(List.of(), ours, reasonCut)))) {
      count(owner);
      return;
    }
    throw new TrimtabException(
        ErrorCode.UNAVAILABLE,
        "The topic of dead letters takes not even %d bytes: raise its max.message.bytes"
            .formatted(CUT_BYTES));
  }

  /** How many of an adapter's there were since this process began. */
  long count(AdapterId adapter) {
    AtomicLong count = counts.get(adapter);
    return count == null ? 0 : count.get();
  }

  private boolean isTaken(ProducerRecord<byte[], byte[]> letter) {
    byte[] value = letter.value();
    try {
      sender.send(value == null ? 0 : value.length, () -> letter).join();
      return true;
    } catch (CompletionException e) {
      if (KafkaFailure.isTooLarge(e)) {
        return false;
      }
      throw KafkaFailure.of(e);
    }
  }

  private ProducerRecord<byte[], byte[]> letter(
      ConsumerRecord<byte[], byte[]> record, byte @Nullable [] value, Headers headers) {
    return new ProducerRecord<>(topic, null, null, record.key(), value, headers);
  }

  private static Headers ours(ConsumerRecord<byte[], byte[]> record, Owner owner) {
    Headers ours = new RecordHeaders();
    ours.add(OURS + "topic", record.topic().getBytes(UTF_8));
    ours.add(OURS + "partition", Integer.toString(record.partition()).getBytes(UTF_8));
    ours.add(OURS + "offset", Long.toString(record.offset()).getBytes(UTF_8));
    switch (owner) {
      case Owner.Unknown _ -> {}
      case Owner.Tenant(String tenant) -> ours.add(TENANT, tenant.getBytes(UTF_8));
      case Owner.Adapter(AdapterId id) -> {
        ours.add(TENANT, id.tenant().getBytes(UTF_8));
        ours.add(OURS + "adapter", id.name().getBytes(UTF_8));
      }
    }
    return ours;
  }

  private static Headers headers(Iterable<Header> theirs, Headers ours, String reason) {
    Headers all = new RecordHeaders();
    own(theirs).forEach(all::add);
    String words = PlainText.of(reason);
    all.add(
        REASON,
        words.substring(0, Math.min(words.length(), REASON_CHARACTERS_MAX)).getBytes(UTF_8));
    ours.forEach(all::add);
    return all;
  }

  /** A record's own headers, without those that it has from here. */
  static List<Header> own(Iterable<Header> headers) {
    Headers own = new RecordHeaders();
    headers.forEach(
        header -> {
          if (!header.key().startsWith(OURS)) {
            own.add(header);
          }
        });
    return List.of(own.toArray());
  }

  private void count(Owner owner) {
    if (owner instanceof Owner.Adapter(AdapterId id)
        && (counts.size() < ADAPTERS_MAX || counts.containsKey(id))) {
      counts.computeIfAbsent(id, any -> new AtomicLong()).incrementAndGet();
    }
  }
}
