package io.trimtab.tuning.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.SafetensorsWriter;
import io.trimtab.model.text.GridShape;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import io.trimtab.tensor.Tensor;
import io.trimtab.tuning.job.TrainingSequence.PlacedPicture;
import io.trimtab.tuning.job.TrainingSequence.Split;
import io.trimtab.tuning.job.TuningListener.Outcome;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobFolderTest {
  private static final String OTHER = "f".repeat(64);

  @TempDir private Path folder;

  private Path sealed() throws IOException {
    return TinyJob.sealed(folder, TinyJob.settings(8));
  }

  private TuningPlan plan() throws IOException {
    return TinyJob.plan(folder.resolve("checkpoint"), TinyJob.settings(8));
  }

  private Path picture(Path job) {
    return job.resolve("pictures").resolve(TinyJob.PICTURE + ".safetensors");
  }

  @Test
  void whatWasSealedIsRead() throws IOException {
    JobFolder job = JobFolder.open(sealed());

    assertThat(job.plan()).isEqualTo(plan());
    assertThat(job.sequences()).hasSize(20);
    TrainingSequence expected = TinyJob.sequence(Split.VALIDATION, 2);
    TrainingSequence read = job.sequences(Split.VALIDATION).get(2);
    assertThat(read.tokens()).containsExactly(expected.tokens());
    assertThat(read.pictures()).isEqualTo(expected.pictures());
    assertThat(read.promptTokens()).isEqualTo(expected.promptTokens());
    PictureFeatures picture = job.pictures(1000).apply(TinyJob.PICTURE);
    assertThat(picture.features()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(picture.rows()).containsExactly(2, 0, 3);
    assertThat(picture.weights()).containsExactly(1, 1, 1);
    assertThat(job.outcome()).isEmpty();
  }

  @Test
  void aPlanThatGoesOnFromARevisionNamesIt() throws IOException {
    TuningPlan plan = plan();
    TuningPlan from =
        new TuningPlan(
            plan.checkpoint(),
            plan.rotaryFrequencies(),
            Recipe.PROJECTOR,
            plan.lora(),
            plan.training(),
            plan.rehearsal(),
            Optional.of(folder.resolve("revision")),
            "cuda:0",
            2);
    try (JobDraft draft = JobFolder.create(folder.resolve("job"), from)) {
      draft.add(TinyJob.picture());
      draft.add(TinyJob.sequence(Split.TRAINING, 0));
      draft.seal();
    }

    assertThat(JobFolder.open(folder.resolve("job")).plan()).isEqualTo(from);
  }

  @Test
  void aStageIsReadAsItWasWrittenAndAServersJobHasNone() throws IOException {
    StageSettings stage = new StageSettings(1, 2, 0.5, List.of(1, 10));
    Path staged = TinyJob.staged(folder.resolve("staged"), TinyJob.settings(4), stage);
    assertThat(JobFolder.open(staged).plan().stage()).isEqualTo(stage);

    Path usual = sealed();
    assertThat(usual.resolve("stage.json")).doesNotExist();
    assertThat(JobFolder.open(usual).plan().stage()).isEqualTo(StageSettings.none());
  }

  @Test
  void stagesThatCannotBeAreRefused() {
    assertThatThrownBy(() -> new StageSettings(-1, 2, 1, List.of()))
        .hasMessageContaining("lwf_weight is -1.0");
    assertThatThrownBy(() -> new StageSettings(0, 2, 0, List.of()))
        .hasMessageContaining("above 0 and at most 1");
    assertThatThrownBy(() -> new StageSettings(0, 2, 1, List.of(0)))
        .hasMessageContaining("expected from 1");
  }

  @Test
  void anOutcomeWithoutAValidationIsReadAsItWasWritten() throws IOException {
    JobFolder job = JobFolder.open(sealed());
    Outcome outcome = new Outcome(8, 8, Double.NaN, 5, 1.5, 0.25);

    job.end(outcome, DiskSteps.REAL);

    assertThat(job.outcome()).contains(outcome);
  }

  @Test
  void picturesAreKeptUpToTheBound() throws IOException {
    try (JobDraft draft = JobFolder.create(folder.resolve("job"), plan())) {
      PictureFeatures one = TinyJob.picture();
      draft.add(one);
      draft.add(one);
      draft.add(
          new PictureFeatures(
              OTHER, one.features(), one.featureRows(), 1, one.rows(), one.weights()));
      draft.add(TinyJob.sequence(Split.TRAINING, 0));
      draft.seal();
    }
    JobFolder job = JobFolder.open(folder.resolve("job"));
    Function<String, PictureFeatures> roomy = job.pictures(96);
    Function<String, PictureFeatures> tight = job.pictures(95);

    PictureFeatures roomyFirst = roomy.apply(TinyJob.PICTURE);
    PictureFeatures tightFirst = tight.apply(TinyJob.PICTURE);
    var _ = roomy.apply(OTHER);
    PictureFeatures tightOther = tight.apply(OTHER);

    assertThat(roomy.apply(TinyJob.PICTURE)).isSameAs(roomyFirst);
    assertThat(tight.apply(OTHER)).isSameAs(tightOther);
    assertThat(tight.apply(TinyJob.PICTURE)).isNotSameAs(tightFirst);
  }

  @Test
  void aFolderThatWasNotSealedIsRefusedAndBegunAnew() throws IOException {
    Path job = folder.resolve("job");
    try (JobDraft draft = JobFolder.create(job, plan())) {
      draft.add(TinyJob.picture());
      draft.add(TinyJob.sequence(Split.TRAINING, 0));
    }

    assertInvalid(job, "no sealed job");
    assertThat(sealed()).isEqualTo(job);
    assertThat(JobFolder.open(job).sequences()).hasSize(20);
  }

  @Test
  void aSealedFolderAndOneWithOtherThingsAreNotOverwritten() throws IOException {
    Path job = sealed();
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("thesis.txt"), "years of work");

    for (Path path : List.of(job, other)) {
      assertThatThrownBy(() -> JobFolder.create(path, plan()))
          .isInstanceOfSatisfying(
              TrimtabException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION));
    }
    assertThat(other.resolve("thesis.txt")).exists();
  }

  @Test
  void withoutAnythingToTrainOnOrAPictureThereIsNoSeal() throws IOException {
    try (JobDraft draft = JobFolder.create(folder.resolve("job"), plan())) {
      draft.add(TinyJob.sequence(Split.VALIDATION, 0));
      assertThatThrownBy(draft::seal).hasMessageContaining("None of 1 sequences is for training");
      draft.add(TinyJob.sequence(Split.TRAINING, 0));
      assertThatThrownBy(draft::seal).hasMessageContaining(TinyJob.PICTURE);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          job.json;        "threads";           "thread_count":1,"threads"; unknown field 'thread_count', expected checkpoint
          job.json;        "r":8;               "r":0;                      r is 0
          job.json;        "sa-proj";           "sa-prj";                   no recipe 'sa-prj'
          job.json;        "format":1;          "format":2;                 format is 2, expected 1
          job.json;        "seed":11;           "seed":null;                seed
          job.json;        {"format";           ["format";                  job.json
          sealed.json;     "sequences":20;      "sequences":"20";           sealed.json
          """)
  void aDamagedFileIsNamed(String file, String text, String instead, String said)
      throws IOException {
    Path job = sealed();
    Path damaged = job.resolve(file);
    String before = Files.readString(damaged);
    assertThat(before).contains(text);
    Files.writeString(damaged, before.replace(text, instead));

    assertInvalid(job, said);
  }

  @Test
  void truncatedFilesAreRefused() throws IOException {
    Path job = sealed();
    truncate(job.resolve("sequences.jsonl"));
    assertInvalid(job, "sealed with");
  }

  @Test
  void aTruncatedPictureIsRefused() throws IOException {
    Path job = sealed();
    truncate(picture(job));
    assertInvalid(job, "truncated");
  }

  @Test
  void aPictureThatIsNotThereIsNamed() throws IOException {
    Path job = sealed();
    Files.delete(picture(job));
    assertInvalid(job, "no picture " + TinyJob.PICTURE);
  }

  @Test
  void aPictureOfTheWrongFormIsRefused() throws IOException {
    Path job = sealed();
    try (Arena arena = Arena.ofConfined()) {
      Tensor floats =
          new Tensor(
              DType.F32, Shape.of(3, 1), arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3));
      SafetensorsWriter.write(
          picture(job), Map.of("features", floats, "sources", floats, "weights", floats));
    }
    assertInvalid(job, "expected F32 [rows, width]");
  }

  @Test
  void numbersOfAPictureAreCheckedWhenTheyAreRead() throws IOException {
    Path job = sealed();
    PictureFeatures good = TinyJob.picture();
    PictureFile.write(
        picture(job),
        new PictureFeatures(
            good.sha256(), good.features(), 3, 1, new int[] {0, 4, 1}, good.weights()));
    Function<String, PictureFeatures> pictures = JobFolder.open(job).pictures(100);

    assertThatThrownBy(() -> pictures.apply(TinyJob.PICTURE))
        .hasMessageContaining("takes row 4, expected 0 to 3");
    PictureFile.write(
        picture(job),
        new PictureFeatures(
            good.sha256(), new float[] {1, Float.NaN, 1}, 3, 1, good.rows(), good.weights()));
    assertThatThrownBy(() -> pictures.apply(TinyJob.PICTURE)).hasMessageContaining("NaN at 1");
  }

  @Test
  void sequencesThatDoNotFitTheModelOrTheirPicturesAreRefused() throws IOException {
    assertRefused(
        sequence(new int[] {1, 2, 3, 4, 1_000_000}, 1, 3), "token 1000000, expected 0 to");
    assertRefused(sequence(new int[] {1, 2, 3, 4, -1}, 1, 3), "token -1");
    assertRefused(sequence(new int[200_000], 1, 3), "200000 tokens, the model takes");
    assertRefused(sequence(new int[] {1, 2, 3, 4, 5}, 1, 2), "which makes 3");
    assertRefused(sequence(new int[] {1, 2, 3, 4, 5}, 2, 3), "the prompt's end at 4");
    assertRefused(sequence(new int[] {1, 2, 3, 4, 5}, -1, 3), "from -1");
  }

  private static TrainingSequence sequence(int[] tokens, int pictureStart, int pictureTokens) {
    return new TrainingSequence(
        "bad",
        Split.TRAINING,
        tokens,
        4,
        List.of(
            new PlacedPicture(TinyJob.PICTURE, pictureStart, pictureTokens, new GridShape(1, 3))));
  }

  private void assertRefused(TrainingSequence sequence, String said) throws IOException {
    Path job = Files.createTempDirectory(folder, "bad");
    try (JobDraft draft = JobFolder.create(job, plan())) {
      draft.add(TinyJob.picture());
      draft.add(sequence);
      draft.seal();
    }
    assertInvalid(job, said);
  }

  private static void truncate(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 5));
  }

  private static void assertInvalid(Path job, String said) {
    assertThatThrownBy(() -> JobFolder.open(job))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(said);
  }
}
