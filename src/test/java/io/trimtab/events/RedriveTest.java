package io.trimtab.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** Which dead letters are sent again, and how far each partition is then done; no broker. */
class RedriveTest {
  private static final TopicPartition ONE = new TopicPartition("letters", 0);
  private static final TopicPartition TWO = new TopicPartition("letters", 1);
  private static final List<TopicPartition> PARTS = List.of(ONE, TWO);

  private final MockConsumer<byte[], byte[]> letters = new MockConsumer<>("earliest");
  private final List<String> sent = new ArrayList<>();

  @Test
  void aPartitionThatIsAtItsEndTakesNothingFromTheOthers() {
    open(2, 2);
    letters.schedulePollTask(
        () -> {
          for (TopicPartition part : PARTS) {
            add(part, 0, "acme");
            add(part, 1, "acme");
            // Came after this began.
            add(part, 2, "acme");
          }
        });
    assertThat(redriven(100)).isEqualTo(4);
    assertThat(sent).containsExactlyInAnyOrder("0/0", "0/1", "1/0", "1/1");
    assertThat(committed()).isEqualTo(Map.of(ONE, 2L, TWO, 2L));
  }

  @Test
  void onePartitionGoesOnAfterAnotherHasEnded() {
    open(1, 2);
    letters.schedulePollTask(
        () -> {
          add(ONE, 0, "acme");
          add(ONE, 1, "acme");
          add(TWO, 0, "globex");
        });
    letters.schedulePollTask(
        () -> {
          add(ONE, 2, "acme");
          add(TWO, 1, "acme");
        });
    assertThat(redriven(100)).isEqualTo(2);
    assertThat(sent).containsExactly("0/0", "1/1");
    assertThat(committed()).isEqualTo(Map.of(ONE, 1L, TWO, 2L));
  }

  @Test
  void whatIsBeyondTheMostIsForTheNextTime() {
    open(3, 0);
    letters.schedulePollTask(
        () -> {
          for (int i = 0; i < 3; i++) {
            add(ONE, i, "acme");
          }
        });
    assertThat(redriven(2)).isEqualTo(2);
    assertThat(committed()).isEqualTo(Map.of(ONE, 2L));
  }

  private void open(long endOfOne, long endOfTwo) {
    letters.assign(PARTS);
    letters.updateBeginningOffsets(Map.of(ONE, 0L, TWO, 0L));
    letters.updateEndOffsets(Map.of(ONE, endOfOne, TWO, endOfTwo));
  }

  private void add(TopicPartition part, long offset, String tenant) {
    ConsumerRecord<byte[], byte[]> letter =
        new ConsumerRecord<>(part.topic(), part.partition(), offset, new byte[0], new byte[0]);
    letter.headers().add(DeadLetters.TENANT, tenant.getBytes(UTF_8));
    letters.addRecord(letter);
  }

  private long redriven(int max) {
    return KafkaFeedbackLog.redriven(
        letters,
        PARTS,
        "acme",
        max,
        letter -> sent.add(letter.partition() + "/" + letter.offset()));
  }

  private Map<TopicPartition, Long> committed() {
    return letters.committed(Set.copyOf(PARTS)).entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().offset()));
  }
}
