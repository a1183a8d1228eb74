package io.trimtab.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.TuningEvent.Ready;
import io.trimtab.tuning.TuningEvent.Stepped;
import io.trimtab.tuning.TuningEvent.Validated;
import io.trimtab.tuning.job.DiskSteps;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.StageSettings;
import io.trimtab.tuning.job.TinyJob;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TrainingSettings;
import io.trimtab.tuning.job.TuningListener.Outcome;
import io.trimtab.tuning.job.TuningListener.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingLoopTest {
  @TempDir private Path folder;

  private final List<TuningEvent> events = new ArrayList<>();

  private Outcome train(Path job, TrainableModel model) throws IOException {
    return train(job, model, DiskSteps.REAL);
  }

  private Outcome train(Path job, TrainableModel model, DiskSteps disk) throws IOException {
    JobFolder opened = JobFolder.open(job);
    return new TrainingLoop(opened, model, new TrainingSwitch(), events::add, disk).run();
  }

  private Path job(String name, TrainingSettings settings) throws IOException {
    return TinyJob.sealed(folder.resolve(name), settings);
  }

  private static List<byte[]> delta(Path job) throws IOException {
    return List.of(
        Files.readAllBytes(job.resolve("delta/adapter_model.safetensors")),
        Files.readAllBytes(job.resolve("delta/adapter_config.json")));
  }

  @Test
  void trainingLowersTheLossAndLeavesDeltaAndOutcomeAlone() throws IOException {
    Path job = job("one", TinyJob.settings(40));

    Outcome outcome = train(job, new QuadraticModel(1));

    List<Validation> validations = validations();
    assertThat(validations.getLast().loss()).isLessThan(0.5 * validations.getFirst().loss());
    assertThat(outcome.steps()).isEqualTo(40);
    assertThat(outcome.peakBytes()).isPositive();
    assertThat(JobFolder.open(job).outcome()).contains(outcome);
    try (Stream<Path> left = Files.list(job)) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "job.json", "sequences.jsonl", "pictures", "sealed.json", "delta", "outcome.json");
    }
  }

  /** Ends the program at each step that it takes, and in the middle of each file. */
  @Test
  void endedAnywhereAndRunAgainItMakesTheSameDelta() throws IOException {
    Path whole = job("whole", TinyJob.settings(8));
    Outcome expected = train(whole, new QuadraticModel(1));
    Random random = new Random(5);

    int moment = 0;
    for (boolean ended = true; ended; moment++) {
      Path job = job("killed" + moment, TinyJob.settings(8));
      ended = isEndedBy(new Fuse(moment), job);
      if (ended && isEndedBy(new Fuse(random.nextInt(60)), job)) {
        train(job, new QuadraticModel(1));
      }
      Outcome outcome = JobFolder.open(job).outcome().orElseThrow();
      assertThat(outcome.bestStep()).as("ended at %d", moment).isEqualTo(expected.bestStep());
      assertThat(outcome.validationLoss()).isEqualTo(expected.validationLoss());
      assertThat(delta(job)).as("ended at %d", moment).containsExactlyElementsOf(delta(whole));
    }
    assertThat(moment).isGreaterThan(100);
  }

  private boolean isEndedBy(Fuse fuse, Path job) throws IOException {
    try {
      if (JobFolder.open(job).outcome().isEmpty()) {
        train(job, new EndingModel(fuse), new EndingDisk(fuse));
      }
      return false;
    } catch (Fuse.Blown e) {
      return true;
    }
  }

  /** What is looked at on the way changes nothing of the end, wherever the program was ended. */
  @Test
  void theDeltasOfTheStepsThatAStageNamesAreKept() throws IOException {
    StageSettings stage = new StageSettings(0, 2, 1, List.of(1, 3));
    Path whole = TinyJob.staged(folder.resolve("staged"), TinyJob.settings(8), stage);
    train(whole, new QuadraticModel(1));
    Path plain = TinyJob.staged(folder.resolve("plain"), TinyJob.settings(8), StageSettings.none());
    train(plain, new QuadraticModel(1));
    assertThat(delta(whole)).containsExactlyElementsOf(delta(plain));
    assertThat(JobFolder.open(plain).deltaAt(1)).doesNotExist();

    List<byte[]> kept = kept(whole);
    assertThat(kept.get(0)).isNotEqualTo(kept.get(1));
    assertThat(kept.get(1)).isNotEqualTo(delta(whole).getFirst());

    int moment = 0;
    for (boolean ended = true; ended; moment++) {
      Path job = TinyJob.staged(folder.resolve("ended" + moment), TinyJob.settings(8), stage);
      ended = isEndedBy(new Fuse(moment), job);
      if (ended) {
        train(job, new QuadraticModel(1));
      }
      assertThat(delta(job)).as("ended at %d", moment).containsExactlyElementsOf(delta(whole));
      assertThat(kept(job)).as("ended at %d", moment).containsExactlyElementsOf(kept);
    }
    assertThat(moment).isGreaterThan(50);
  }

  private static List<byte[]> kept(Path job) throws IOException {
    JobFolder opened = JobFolder.open(job);
    return List.of(
        Files.readAllBytes(opened.deltaAt(1).resolve("adapter_model.safetensors")),
        Files.readAllBytes(opened.deltaAt(3).resolve("adapter_model.safetensors")));
  }

  @Test
  void aStageThatIsHeldToItsStartLearnsByBothLosses() throws IOException {
    StageSettings held = new StageSettings(4, 2, 1, List.of());
    Path job = TinyJob.staged(folder.resolve("held"), TinyJob.settings(20), held);
    QuadraticModel holding = new QuadraticModel(1);
    train(job, holding);
    Path other = TinyJob.staged(folder.resolve("free"), TinyJob.settings(20), StageSettings.none());
    QuadraticModel free = new QuadraticModel(1);
    train(other, free);

    double[] start = new QuadraticModel(1).parameters;
    assertThat(distance(holding.parameters, start))
        .isBetween(0.01, 0.8 * distance(free.parameters, start));
  }

  private static double distance(double[] some, double[] others) {
    double sum = 0;
    for (int i = 0; i < some.length; i++) {
      sum += Math.pow(some[i] - others[i], 2);
    }
    return Math.sqrt(sum);
  }

  @Test
  void theBestValidationIsKeptAndOnATieTheEarlier() throws IOException {
    Path job = job("best", TinyJob.settings(12));

    Outcome outcome = train(job, new ScriptedModel(3.0, 2.0, 2.0, 4.0));

    assertThat(outcome.bestStep()).isEqualTo(6);
    assertThat(outcome.validationLoss()).isCloseTo(2.0, within(1e-12));
    assertThat(validations()).extracting(Validation::step).containsExactly(3, 6, 9, 12);
  }

  @Test
  void trainingEndsWhenValidationHasNotImprovedForItsPatience() throws IOException {
    TrainingSettings patient = new TrainingSettings(0.05, 0, 1, 100, 4, 2, 0, 2, 3, 5, 1);
    Path job = job("patience", patient);

    Outcome outcome = train(job, new ScriptedModel(3.0, 2.0, Double.NaN, 2.5, 2.0, 1.0));

    assertThat(outcome.steps()).isEqualTo(10);
    assertThat(outcome.bestStep()).isEqualTo(4);
  }

  @Test
  void threeUpdatesInARowThatAreNotFiniteEndTheJobWithReason() throws IOException {
    Path job = job("exploding", TinyJob.settings(20));

    assertThatThrownBy(() -> train(job, new OverflowingModel(2, 5, 6, 9, 10, 11)))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("3 updates in a row, up to step 12")
        .hasMessageContaining("learning_rate below 0.05");
    assertThat(JobFolder.open(job).outcome()).isEmpty();
  }

  @Test
  void gradientsAreThoseOfTheMeanOverAnswerTokensWhateverTheMicroBatch() throws IOException {
    TrainingSettings one = new TrainingSettings(0.05, 0, 1e9, 6, 6, 6, 0, 6, 1, 6, 1);
    TrainingSettings three = new TrainingSettings(0.05, 0, 1e9, 6, 6, 2, 0, 6, 1, 6, 1);
    QuadraticModel together = new QuadraticModel(1);
    QuadraticModel apart = new QuadraticModel(1);

    train(job("together", one), together);
    train(job("apart", three), apart);

    assertThat(apart.parameters).containsExactly(together.parameters, within(1e-12));
  }

  @Test
  void aRestartSaysWhereItGoesOn() throws IOException {
    Path job = job("ready", TinyJob.settings(8));
    assertThat(isEndedBy(new Fuse(45), job)).isTrue();
    long done = events.stream().filter(Stepped.class::isInstance).count();
    events.clear();

    train(job, new QuadraticModel(1));

    assertThat(events.getFirst()).isInstanceOf(Ready.class);
    assertThat(((Ready) events.getFirst()).step()).isPositive().isLessThanOrEqualTo((int) done);
  }

  @Test
  void aStopIsHeardBetweenMicroBatches() throws IOException {
    JobFolder job = JobFolder.open(job("stopped", TinyJob.settings(8)));
    TrainingSwitch turn = new TrainingSwitch();
    QuadraticModel model = new QuadraticModel(1);

    assertThatThrownBy(
            () -> new TrainingLoop(job, model, turn, event -> turn.stop(), DiskSteps.REAL).run())
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
  }

  private List<Validation> validations() {
    return events.stream()
        .filter(Validated.class::isInstance)
        .map(event -> ((Validated) event).validation())
        .toList();
  }

  /** What ends the program at its n-th step. */
  private static final class Fuse {
    private int left;

    Fuse(int left) {
      this.left = left;
    }

    void burn() {
      if (left-- == 0) {
        throw new Blown();
      }
    }

    boolean isLast() {
      return left == 0;
    }

    static final class Blown extends Error {
      private static final long serialVersionUID = 1;
    }
  }

  private static final class EndingDisk implements DiskSteps {
    private final Fuse fuse;

    EndingDisk(Fuse fuse) {
      this.fuse = fuse;
    }

    @Override
    public void write(Path file, byte[] contents) throws IOException {
      int length = fuse.isLast() ? contents.length / 2 : contents.length;
      Files.write(file, Arrays.copyOf(contents, length));
      fuse.burn();
    }

    @Override
    public void move(Path from, Path to) throws IOException {
      fuse.burn();
      DiskSteps.super.move(from, to);
    }

    @Override
    public void sync(Path path) {
      fuse.burn();
    }

    @Override
    public void delete(Path path) throws IOException {
      fuse.burn();
      DiskSteps.super.delete(path);
    }
  }

  private static final class EndingModel extends QuadraticModel {
    private final Fuse fuse;

    EndingModel(Fuse fuse) {
      super(1);
      this.fuse = fuse;
    }

    @Override
    public Losses learn(List<TrainingSequence> sequences, double weight) {
      fuse.burn();
      return super.learn(sequences, weight);
    }

    @Override
    public Losses evaluate(List<TrainingSequence> sequences) {
      fuse.burn();
      return super.evaluate(sequences);
    }

    @Override
    public double update(double learningRate, double weightDecay, double maxGradNorm) {
      fuse.burn();
      return super.update(learningRate, weightDecay, maxGradNorm);
    }

    @Override
    public void save(Path file) throws IOException {
      byte[] bytes = bytes();
      Files.write(file, Arrays.copyOf(bytes, fuse.isLast() ? bytes.length / 2 : bytes.length));
      fuse.burn();
    }

    @Override
    public void writeDelta(Path to) throws IOException {
      fuse.burn();
      super.writeDelta(to);
      fuse.burn();
    }
  }

  /** Validations have the losses given, whatever was learned. */
  private static final class ScriptedModel extends QuadraticModel {
    private final Deque<Double> losses = new ArrayDeque<>();
    private int evaluated;

    ScriptedModel(Double... losses) {
      super(1);
      this.losses.addAll(List.of(losses));
    }

    @Override
    public Losses learn(List<TrainingSequence> sequences, double weight) {
      return new Losses(1, 1, 0);
    }

    @Override
    public Losses evaluate(List<TrainingSequence> sequences) {
      int tokens = sequences.stream().mapToInt(TrainingSequence::answerTokens).sum();
      evaluated += sequences.size();
      double loss = losses.getFirst() * tokens;
      if (evaluated % 5 == 0) {
        losses.removeFirst();
      }
      return new Losses(loss, tokens, 0);
    }
  }

  /** The gradient's norm is infinite in some updates, from 0. */
  private static final class OverflowingModel extends QuadraticModel {
    private final List<Integer> overflowing;
    private int update;

    OverflowingModel(Integer... overflowing) {
      super(1);
      this.overflowing = List.of(overflowing);
    }

    @Override
    public double update(double learningRate, double weightDecay, double maxGradNorm) {
      double norm = super.update(learningRate, weightDecay, maxGradNorm);
      return overflowing.contains(update++) ? Double.POSITIVE_INFINITY : norm;
    }
  }
}
