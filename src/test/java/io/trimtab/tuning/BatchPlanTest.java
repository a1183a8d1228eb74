package io.trimtab.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.tuning.BatchPlan.PlannedBatch;
import io.trimtab.tuning.job.TinyJob;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TrainingSequence.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchPlanTest {
  private static final List<TrainingSequence> TRAINING = sequences(Split.TRAINING, 12);
  private static final List<TrainingSequence> REHEARSAL = sequences(Split.REHEARSAL, 5);

  private static List<TrainingSequence> sequences(Split split, int count) {
    return IntStream.range(0, count).mapToObj(i -> TinyJob.sequence(split, i)).toList();
  }

  private static List<String> ids(PlannedBatch batch) {
    List<String> ids = new ArrayList<>();
    batch.training().forEach(sequence -> ids.add(sequence.id()));
    batch.rehearsal().forEach(sequence -> ids.add(sequence.id()));
    return ids;
  }

  @Test
  void aBatchIsAFunctionOfSeedAndStepAlone() {
    BatchPlan inOrder = new BatchPlan(TRAINING, REHEARSAL, 8, 0.25, 3);
    List<List<String>> batches =
        IntStream.range(0, 20).mapToObj(step -> ids(inOrder.at(step))).toList();

    for (int step = 19; step >= 0; step--) {
      BatchPlan afresh = new BatchPlan(TRAINING, REHEARSAL, 8, 0.25, 3);
      assertThat(ids(afresh.at(step))).isEqualTo(batches.get(step));
    }
    BatchPlan otherSeed = new BatchPlan(TRAINING, REHEARSAL, 8, 0.25, 4);
    assertThat(ids(otherSeed.at(0))).isNotEqualTo(batches.getFirst());
  }

  @Test
  void everyPassSeesEveryExampleOnceInAnotherOrder() {
    BatchPlan plan = new BatchPlan(TRAINING, List.of(), 4, 0, 3);

    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    for (int step = 0; step < 3; step++) {
      first.addAll(ids(plan.at(step)));
      second.addAll(ids(plan.at(step + 3)));
    }

    assertThat(first).doesNotHaveDuplicates().hasSize(12);
    assertThat(second).containsExactlyInAnyOrderElementsOf(first).isNotEqualTo(first);
  }

  @Test
  void theShareOfRehearsalIsRoundedAndLeavesRoomForAnExample() {
    assertThat(counts(8, 0.25)).containsExactly(6, 2);
    assertThat(counts(8, 0.3)).containsExactly(6, 2);
    assertThat(counts(8, 0)).containsExactly(8, 0);
    assertThat(counts(1, 0.9)).containsExactly(1, 0);
    assertThat(counts(2, 0.99)).containsExactly(1, 1);
  }

  private static List<Integer> counts(int batchSize, double share) {
    PlannedBatch batch = new BatchPlan(TRAINING, REHEARSAL, batchSize, share, 3).at(7);
    return List.of(batch.training().size(), batch.rehearsal().size());
  }

  @Test
  void withoutRehearsalAllOfABatchAreExamples() {
    assertThat(new BatchPlan(TRAINING, List.of(), 8, 0.5, 3).at(1).training()).hasSize(8);
    assertThatThrownBy(() -> new BatchPlan(List.of(), REHEARSAL, 8, 0.5, 3))
        .hasMessageContaining("no sequence to train on");
  }
}
