package io.trimtab.adaptation.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.adaptation.feedback.Example;
import io.trimtab.adaptation.feedback.KeptMessage;
import io.trimtab.adaptation.feedback.TriggerSettings;
import io.trimtab.adaptation.gate.GateLimits;
import io.trimtab.adapter.AdapterId;
import io.trimtab.model.text.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExampleSplitTest {
  /** As the gate needs and the trigger has them by default. */
  private static final int GATE_MIN = GateLimits.defaults().validationMin();

  private static final int TRIGGER = TriggerSettings.defaults().examples();

  @Test
  void everyExampleHasOnePlace() {
    ExampleSplit split = split(400);
    Set<String> all = new HashSet<>();
    assertThat(ids(split.training()).stream().allMatch(all::add)).isTrue();
    assertThat(ids(split.validation()).stream().allMatch(all::add)).isTrue();
    assertThat(ids(split.gate()).stream().allMatch(all::add)).isTrue();
    assertThat(all).hasSize(400);
  }

  @Test
  void ofManyTheGateHasAShareOfFewMore() {
    assertThat(split(4000).gate().size() / 4000.0).isCloseTo(0.15, within(0.02));
    assertThat(split(4000).validation().size() / 4000.0).isCloseTo(0.1, within(0.02));
    assertThat(split(80).gate().size()).isBetween(12, 28);
    // 40 percent, more only where that is too few.
    assertThat(split(TRIGGER).gate().size()).isBetween(12, 19);
  }

  /** What a correction is a correction of, and not how often or by whom it was sent. */
  @Test
  void theSameQuestionIsInOnePartWhateverItsIds() {
    List<Example> sent = new ArrayList<>(examples("once", 0, 100));
    sent.addAll(examples("again", 0, 100));
    ExampleSplit split = ExampleSplit.of(sent, GATE_MIN);
    assertThat(conversations(split.training()))
        .doesNotContainAnyElementsOf(conversations(split.validation()))
        .doesNotContainAnyElementsOf(conversations(split.gate()));
    assertThat(conversations(split.validation()))
        .doesNotContainAnyElementsOf(conversations(split.gate()));
    assertThat(split.training()).hasSize(2 * conversations(split.training()).size());
    assertThat(split.gate()).hasSize(2 * conversations(split.gate()).size());
    // So many different questions there are.
    assertThat(conversations(split.gate())).hasSameElementsAs(conversations(split(100).gate()));
  }

  @Test
  void theFirstJobOfAnAdapterHasEnoughToBeJudgedBy() {
    for (int draw = 0; draw < 200; draw++) {
      ExampleSplit split = ExampleSplit.of(examples("id", draw * TRIGGER, TRIGGER), GATE_MIN);
      assertThat(conversations(split.gate())).as("draw %d", draw).hasSizeGreaterThanOrEqualTo(12);
      assertThat(split.training()).as("draw %d", draw).hasSizeGreaterThanOrEqualTo(5);
    }
  }

  /** There the gate will refuse for want of evidence, which more examples mend. */
  @Test
  void whereTheGateWouldTakeMoreThanHalfItHasItsShare() {
    for (int draw = 0; draw < 200; draw++) {
      int few = 2 * GATE_MIN - 1;
      ExampleSplit split = ExampleSplit.of(examples("id", draw * few, few), GATE_MIN);
      assertThat(split.training()).as("draw %d", draw).isNotEmpty();
    }
    assertThat(ExampleSplit.of(List.of(), GATE_MIN).gate()).isEmpty();
  }

  /** Where the gate's share has enough, what judges was not trained on by a job before either. */
  @Test
  void noExampleGoesFromTrainingToTheGateAsMoreArrive() {
    Set<String> trained = new HashSet<>();
    for (int count = 1; count <= 600; count += 7) {
      ExampleSplit split = ExampleSplit.of(examples("id", 0, count), 1);
      Set<String> judging = ids(split.gate());
      judging.retainAll(trained);
      assertThat(judging).as("%d examples", count).isEmpty();
      trained.addAll(ids(split.training()));
      trained.addAll(ids(split.validation()));
    }
  }

  private static ExampleSplit split(int count) {
    return ExampleSplit.of(examples("id", 0, count), GATE_MIN);
  }

  private static Set<String> ids(List<Example> examples) {
    return examples.stream().map(Example::feedbackId).collect(Collectors.toSet());
  }

  private static Set<List<KeptMessage>> conversations(List<Example> examples) {
    return examples.stream().map(Example::conversation).collect(Collectors.toSet());
  }

  /** One of each of so many questions, from that one on. */
  private static List<Example> examples(String ids, int first, int count) {
    return IntStream.range(first, first + count)
        .mapToObj(
            i ->
                new Example(
                    new AdapterId("t", "a"),
                    ids + "-" + i,
                    Optional.empty(),
                    List.of(
                        new KeptMessage(
                            Role.USER,
                            List.of(
                                new KeptMessage.PictureBlob("%064x".formatted(i / 2)),
                                new KeptMessage.Text("Question " + i % 2)))),
                    "",
                    "x",
                    OptionalDouble.empty(),
                    List.of(),
                    Instant.EPOCH))
        .toList();
  }
}
