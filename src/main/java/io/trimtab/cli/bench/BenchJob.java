package io.trimtab.cli.bench;

import io.trimtab.adaptation.feedback.Conversations;
import io.trimtab.adaptation.feedback.Example;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adaptation.gate.GateLimits;
import io.trimtab.adaptation.job.ExampleSplit;
import io.trimtab.adaptation.job.JobData;
import io.trimtab.adaptation.probes.Probe;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.Engine;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.store.FileObjectStore;
import io.trimtab.tuning.job.JobDraft;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.TrainingSequence.Split;
import io.trimtab.tuning.job.TrainingSettings;
import io.trimtab.tuning.job.TuningPlan;
import io.trimtab.world.Drawing;
import io.trimtab.world.Question;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A tuning job of the bundled world, laid out as the server lays out its own: corrections of one
 * skill, rehearsal that base answers, and the settings that the server has by default; but it does
 * not end by itself.
 */
final class BenchJob {
  private static final long CORRECTION_SEED = 903;
  private static final long REHEARSAL_SEED = 72;
  private static final long PICTURE_BYTES_MAX = 1 << 20;

  /** More updates than any measurement waits for. */
  private static final int ENDLESS = 1_000_000;

  private static final AdapterId ADAPTER = new AdapterId(BenchRequests.TENANT, "tuned");

  /**
   * What is trained on.
   *
   * @param corrections of one skill, some of which are set aside as in any job
   * @param rehearsal prompts that base answers
   * @param microBatch sequences that run at once
   * @param threads of PyTorch
   */
  record Size(int corrections, int rehearsal, int microBatch, int threads) {}

  private BenchJob() {}

  /** Lays the job out, sealed, in a folder that is made; its pictures are kept beside it. */
  static JobFolder layOut(Path folder, Engine engine, ModelSelection model, Size size)
      throws IOException {
    Path job = folder.resolve("job");
    try (FileObjectStore store = FileObjectStore.open(folder.resolve(FileObjectStore.FOLDER));
        JobDraft draft = JobFolder.create(job, plan(engine, model, size))) {
      Conversations conversations = new Conversations(new TenantPictures(store, PICTURE_BYTES_MAX));
      JobData data =
          new JobData(engine, conversations, rehearsal(size.rehearsal()), size.rehearsal());
      ExampleSplit split =
          ExampleSplit.of(
              examples(conversations, size.corrections()), GateLimits.defaults().validationMin());
      data.write(draft, ADAPTER.tenant(), split, () -> {});
      draft.seal();
    }
    return JobFolder.open(job);
  }

  private static TuningPlan plan(Engine engine, ModelSelection model, Size size) {
    return new TuningPlan(
        model.folder().toAbsolutePath(),
        model.rotaryFrequencies(),
        Recipe.SA_PROJ,
        LoraSettings.defaults(),
        training(size),
        RehearsalSettings.defaults(),
        Optional.empty(),
        engine.model().device(),
        size.threads());
  }

  /** As a server trains, and without end. */
  private static TrainingSettings training(Size size) {
    TrainingSettings usual = TrainingSettings.defaults();
    return new TrainingSettings(
        usual.learningRate(),
        usual.weightDecay(),
        usual.maxGradNorm(),
        ENDLESS,
        usual.batchSize(),
        Math.min(size.microBatch(), usual.batchSize()),
        usual.warmupRatio(),
        usual.evalSteps(),
        ENDLESS,
        usual.saveSteps(),
        usual.seed());
  }

  /** Sequence tokens of an update of that job, the mean. */
  static double tokensPerUpdate(JobFolder job) {
    boolean rehearses = !job.sequences(Split.REHEARSAL).isEmpty();
    double share = rehearses ? RehearsalSettings.defaults().share() : 0;
    return TrainingSettings.defaults().batchSize()
        * ((1 - share) * meanTokens(job, Split.TRAINING)
            + (rehearses ? share * meanTokens(job, Split.REHEARSAL) : 0));
  }

  private static double meanTokens(JobFolder job, Split split) {
    return job.sequences(split).stream()
        .mapToInt(sequence -> sequence.tokens().length)
        .average()
        .orElseThrow();
  }

  private static List<Example> examples(Conversations conversations, int count) {
    List<Example> examples = new ArrayList<>();
    for (Drawing drawing : World.skillExamples(Skill.COUNT, CORRECTION_SEED, count)) {
      Question question = drawing.questions().getFirst();
      examples.add(
          new Example(
              ADAPTER,
              "bench-" + examples.size(),
              Optional.empty(),
              conversations.keep(ADAPTER.tenant(), asked(drawing)),
              "",
              question.answer(),
              OptionalDouble.empty(),
              List.of(),
              Instant.EPOCH));
    }
    return examples;
  }

  private static ProbeSet rehearsal(int count) {
    List<Probe> probes = new ArrayList<>();
    for (Drawing drawing : World.heldOut(REHEARSAL_SEED, count)) {
      String task = drawing.questions().getFirst().task();
      probes.add(new Probe("bench-" + probes.size(), task, asked(drawing), Optional.empty()));
    }
    return new ProbeSet(List.of(), probes);
  }

  private static List<ChatMessage> asked(Drawing drawing) {
    return List.of(
        new ChatMessage(
            Role.USER,
            List.of(
                new PicturePart(Picture.of(drawing.png())),
                new TextPart(drawing.questions().getFirst().text()))));
  }
}
