package io.trimtab.adaptation.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.adaptation.feedback.Example;
import io.trimtab.adapter.AdapterId;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExampleSplitTest {
  @Test
  void everyExampleHasOnePlace() {
    ExampleSplit split = ExampleSplit.of(examples(400));
    Set<String> all = new HashSet<>();
    assertThat(ids(split.training()).stream().allMatch(all::add)).isTrue();
    assertThat(ids(split.validation()).stream().allMatch(all::add)).isTrue();
    assertThat(ids(split.gate()).stream().allMatch(all::add)).isTrue();
    assertThat(all).hasSize(400);
  }

  @Test
  void ofManyTheGateHasAShareOfFewMore() {
    assertThat(ExampleSplit.of(examples(4000)).gate().size() / 4000.0)
        .isCloseTo(0.15, within(0.02));
    assertThat(ExampleSplit.of(examples(4000)).validation().size() / 4000.0)
        .isCloseTo(0.1, within(0.02));
    assertThat(ExampleSplit.of(examples(80)).gate().size()).isBetween(12, 28);
    // 40 percent, never more.
    assertThat(ExampleSplit.of(examples(32)).gate().size()).isBetween(7, 19);
  }

  /** What judges a candidate was not trained on by a job before it. */
  @Test
  void noExampleGoesFromTrainingToTheGateAsMoreArrive() {
    Set<String> trained = new HashSet<>();
    for (int count = 1; count <= 600; count += 7) {
      ExampleSplit split = ExampleSplit.of(examples(count));
      Set<String> judging = ids(split.gate());
      judging.retainAll(trained);
      assertThat(judging).as("%d examples", count).isEmpty();
      trained.addAll(ids(split.training()));
      trained.addAll(ids(split.validation()));
    }
  }

  private static Set<String> ids(List<Example> examples) {
    return examples.stream().map(Example::feedbackId).collect(Collectors.toSet());
  }

  private static List<Example> examples(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                new Example(
                    new AdapterId("t", "a"),
                    "id-" + i,
                    Optional.empty(),
                    List.of(),
                    "",
                    "x",
                    OptionalDouble.empty(),
                    List.of(),
                    Instant.EPOCH))
        .toList();
  }
}
