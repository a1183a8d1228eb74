package io.trimtab.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class SettledMomentTest {
  private static final TopicPartition ONE = new TopicPartition("t", 0);
  private static final TopicPartition TWO = new TopicPartition("t", 1);

  private final SettledMoment moment = new SettledMoment();

  @Test
  void whatIsReadToItsEndIsSettledNow() {
    assertThat(moment.after(at(1), Map.of(ONE, 0L, TWO, 0L), Map.of())).hasValue(at(1));
    assertThat(moment.after(at(2), Map.of(ONE, 5L, TWO, 3L), Map.of(ONE, 5L, TWO, 3L)))
        .hasValue(at(2));
  }

  @Test
  void onePartitionBehindHoldsTheMomentBack() {
    assertThat(moment.after(at(1), Map.of(ONE, 5L, TWO, 3L), Map.of(ONE, 5L, TWO, 2L))).isEmpty();
    assertThat(moment.after(at(2), Map.of(ONE, 9L, TWO, 3L), Map.of(ONE, 9L, TWO, 2L))).isEmpty();
  }

  @Test
  void aReaderThatIsNeverQuiteAtTheEndHasComePastAnEarlierOne() {
    assertThat(moment.after(at(1), Map.of(ONE, 10L), Map.of(ONE, 8L))).isEmpty();
    assertThat(moment.after(at(2), Map.of(ONE, 20L), Map.of(ONE, 9L))).isEmpty();
    assertThat(moment.after(at(3), Map.of(ONE, 30L), Map.of(ONE, 25L))).hasValue(at(1));
    assertThat(moment.after(at(4), Map.of(ONE, 40L), Map.of(ONE, 35L))).hasValue(at(3));
    assertThat(moment.after(at(5), Map.of(ONE, 50L), Map.of(ONE, 36L))).hasValue(at(3));
    assertThat(moment.after(at(6), Map.of(ONE, 50L), Map.of(ONE, 50L))).hasValue(at(6));
  }

  private static Instant at(int second) {
    return Instant.ofEpochSecond(second);
  }
}
