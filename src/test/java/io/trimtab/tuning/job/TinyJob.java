package io.trimtab.tuning.job;

import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.text.GridShape;
import io.trimtab.tuning.job.TrainingSequence.PlacedPicture;
import io.trimtab.tuning.job.TrainingSequence.Split;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/** Jobs of a few sequences over a checkpoint that is a config.json alone. */
public final class TinyJob {
  public static final String PICTURE = "0123456789abcdef".repeat(4);

  private TinyJob() {}

  public static TrainingSettings settings(int maxSteps) {
    return new TrainingSettings(0.05, 0.01, 1, maxSteps, 4, 2, 0.1, 3, 100, 2, 11);
  }

  public static TuningPlan plan(Path checkpoint, TrainingSettings settings) throws IOException {
    return plan(checkpoint, settings, "cpu");
  }

  private static TuningPlan plan(Path checkpoint, TrainingSettings settings, String device)
      throws IOException {
    Files.createDirectories(checkpoint);
    try (InputStream config =
        TinyJob.class.getResourceAsStream("/models/dinghy-llava/config.json")) {
      Files.copy(
          Objects.requireNonNull(config),
          checkpoint.resolve("config.json"),
          StandardCopyOption.REPLACE_EXISTING);
    }
    return new TuningPlan(
        checkpoint,
        RotaryFrequencies.FLOAT32,
        Recipe.SA_PROJ,
        new LoraSettings(8, 16, false, LoraSettings.Rank.LOW),
        settings,
        new RehearsalSettings(0.25, 0.5, 2),
        Optional.empty(),
        device,
        1);
  }

  /** Twelve sequences to train on, five to validate, three to rehearse, and one picture. */
  public static Path sealed(Path parent, TrainingSettings settings) throws IOException {
    return sealed(parent, settings, "cpu");
  }

  /** The same on another device. */
  public static Path sealed(Path parent, TrainingSettings settings, String device)
      throws IOException {
    Path folder = parent.resolve("job");
    try (JobDraft draft =
        JobFolder.create(folder, plan(parent.resolve("checkpoint"), settings, device))) {
      draft.add(picture());
      addAll(draft, Split.TRAINING, 12);
      addAll(draft, Split.VALIDATION, 5);
      addAll(draft, Split.REHEARSAL, 3);
      draft.seal();
    }
    return folder;
  }

  /** A stage of the study's: the same without validation. */
  public static Path staged(Path parent, TrainingSettings settings, StageSettings stage)
      throws IOException {
    TuningPlan usual = plan(parent.resolve("checkpoint"), settings);
    TuningPlan plan =
        new TuningPlan(
            usual.checkpoint(),
            usual.rotaryFrequencies(),
            usual.recipe(),
            usual.lora(),
            usual.training(),
            usual.rehearsal(),
            usual.startFrom(),
            usual.device(),
            usual.threads(),
            stage);
    Path folder = parent.resolve("job");
    try (JobDraft draft = JobFolder.create(folder, plan)) {
      draft.add(picture());
      addAll(draft, Split.TRAINING, 12);
      draft.seal();
    }
    return folder;
  }

  private static void addAll(JobDraft draft, Split split, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      draft.add(sequence(split, i));
    }
  }

  public static TrainingSequence sequence(Split split, int number) {
    Random random = new Random(31L * split.ordinal() + number);
    int[] tokens = random.ints(6 + random.nextInt(6), 0, 100).toArray();
    PlacedPicture picture = new PlacedPicture(PICTURE, 1, 3, new GridShape(1, 3));
    return new TrainingSequence(split + "-" + number, split, tokens, 4, List.of(picture));
  }

  public static PictureFeatures picture() {
    return new PictureFeatures(
        PICTURE, new float[] {1, 2, 3, 4, 5, 6}, 3, 1, new int[] {2, 0, 3}, new float[] {1, 1, 1});
  }
}
