package io.trimtab.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;

/** The bound of what is under way, and what fails; nothing here reaches a broker. */
class RecordSenderTest {
  private static final EventLimits LIMITS =
      new EventLimits(
          1024,
          10,
          0,
          2048,
          10,
          Duration.ofSeconds(60),
          Duration.ofMillis(1),
          Duration.ofMillis(1));

  private final CountDownLatch gate = new CountDownLatch(1);

  @Test
  void anErrorOverOneRecordIsThatRecordsAlone() {
    try (RecordSender sender = sender()) {
      sender.start();
      CompletableFuture<RecordMetadata> large =
          sender.send(
              5_000,
              () -> {
                throw new OutOfMemoryError("Java heap space, as if");
              });
      assertThatThrownBy(large::join)
          .cause()
          .isInstanceOfSatisfying(
              TrimtabException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
          .hasMessageContaining("5000 bytes: Java heap space, as if");
      CompletableFuture<RecordMetadata> faulty =
          sender.send(
              1,
              () -> {
                throw new NoClassDefFoundError("as if");
              });
      assertThatThrownBy(faulty::join)
          .cause()
          .isInstanceOfSatisfying(
              TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));
      gate.countDown();
      CompletableFuture<RecordMetadata> next = sender.send(1, held());
      assertThatThrownBy(next::join).cause().hasMessage("released, as ordered");
      assertThat(sender.inFlightBytes()).isZero();
    }
  }

  @Test
  void whatIsTooMuchBesideOthersIsRefusedAndAloneItIsNot() throws Exception {
    try (RecordSender sender = sender()) {
      sender.start();
      // Two large pictures, say, which lie beside the record that names them.
      CompletableFuture<RecordMetadata> alone = sender.send(5_000, held());
      assertThat(alone).isNotCompletedExceptionally();
      CompletableFuture<RecordMetadata> beside = sender.send(1, held());
      assertThatThrownBy(beside::join)
          .cause()
          .isInstanceOfSatisfying(
              TrimtabException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED))
          .hasMessage("5001 bytes wait for the broker, expected at most 2048: send again later");
      gate.countDown();
      assertThatThrownBy(alone::join).cause().hasMessage("released, as ordered");
      assertThat(sender.inFlightBytes()).isZero();
    }
  }

  private static RecordSender sender() {
    EventSettings settings =
        new EventSettings("127.0.0.1:1", 0, "t", 1, (short) 1, "g", "/t", Map.of(), LIMITS);
    return new RecordSender("events", new ClientProperties(settings, "127.0.0.1:1"), LIMITS);
  }

  private Supplier<ProducerRecord<byte[], byte[]>> held() {
    return () -> {
      try {
        assertThat(gate.await(60, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      throw TrimtabException.invalid("released, as ordered");
    };
  }
}
