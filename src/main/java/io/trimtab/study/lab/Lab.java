package io.trimtab.study.lab;

import io.trimtab.adaptation.feedback.Conversations;
import io.trimtab.adaptation.feedback.Example;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adaptation.gate.CandidateJudge;
import io.trimtab.adaptation.gate.EvaluationSet;
import io.trimtab.adaptation.gate.EvaluationSettings;
import io.trimtab.adaptation.gate.Evaluator;
import io.trimtab.adaptation.gate.Evidence;
import io.trimtab.adaptation.gate.JudgeSettings;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adaptation.gate.JudgementListener;
import io.trimtab.adaptation.job.ExampleSplit;
import io.trimtab.adaptation.job.JobData;
import io.trimtab.adaptation.probes.ProbeSet;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.WatchedClasses;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.ModelSelection;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.BundledModel;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.graph.WriteProgress;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.store.FileObjectStore;
import io.trimtab.tuning.TuningProcess;
import io.trimtab.tuning.TuningProcessOptions;
import io.trimtab.tuning.job.JobDraft;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.TuningPlan;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A bundled model with the parts of the server that tune and judge. One thread; its calls block.
 */
public final class Lab implements AutoCloseable {
  private static final String TENANT = "study";
  private static final long PICTURE_BYTES_MAX = 1 << 20;
  private static final long HEAP_BYTES_MAX = 1L << 30;

  /** A full delta of the bundled models, uncut, has rank 512 at most. */
  private static final AdapterLimits LIMITS = limits(512);

  private static final Duration SILENCE_MAX = Duration.ofMinutes(10);
  private static final Duration STOP_GRACE = Duration.ofSeconds(20);

  private final ModelSelection selection;
  private final Engine engine;
  private final FileObjectStore store;
  private final Conversations conversations;
  private final TuningProcess trainer;
  private final PeftReader reader;
  private final Evaluator evaluator;
  private final CandidateJudge judge;
  private final ProbeSet probes = EvaluationSets.probes();
  private final int threads;
  private final Quantities quantities = new Quantities(WatchedClasses.builtIn());

  private static AdapterLimits limits(int rankMax) {
    AdapterLimits usual = AdapterLimits.defaults();
    return new AdapterLimits(
        rankMax,
        usual.configBytesMax(),
        usual.weightsBytesMax(),
        usual.adaptersPerTenantMax(),
        usual.revisionsPerAdapterMax());
  }

  private Lab(ModelSelection selection, Engine engine, Path folder, int threads) {
    this.selection = selection;
    this.engine = engine;
    this.threads = threads;
    store = FileObjectStore.open(folder.resolve(FileObjectStore.FOLDER));
    conversations = new Conversations(new TenantPictures(store, PICTURE_BYTES_MAX));
    trainer =
        new TuningProcess(
            new TuningProcessOptions(
                folder.resolve("torch").toAbsolutePath(),
                HEAP_BYTES_MAX,
                TuningProcessOptions.RESTART_PAUSES,
                SILENCE_MAX,
                STOP_GRACE));
    try (Checkpoint checkpoint = Checkpoint.open(selection.folder())) {
      reader = new PeftReader(checkpoint.config(), LIMITS);
    }
    evaluator = new Evaluator(engine, EvaluationSettings.defaults(), quantities);
    judge = new CandidateJudge(engine, evaluator, JudgeSettings.defaults());
  }

  /**
   * Opens a bundled model.
   *
   * @param folder what is written lies below it
   * @param threads of PyTorch, and of ONNX Runtime
   */
  public static Lab open(String model, Path folder, int threads) {
    ModelSelection selection = ModelSelection.of(BundledModel.locate(model, folder), folder);
    Engine engine =
        Engine.open(
            selection,
            EngineOptions.defaults()
                .withThreads(threads)
                .withTokenSets(WatchedClasses.builtIn().sets()),
            RevisionSource.none(),
            Clock.systemUTC(),
            WriteProgress.silent());
    engine.start();
    return new Lab(selection, engine, folder, threads);
  }

  /**
   * Trains a delta, or finds it where that was done before.
   *
   * @param name of the candidate; the job's folder is called that
   */
  public Trained train(String name, CandidateData data, TrainingSetup setup, Path jobs)
      throws IOException, InterruptedException {
    Path folder = jobs.resolve(name).toAbsolutePath();
    if (!JobFolder.isSealed(folder)) {
      TuningPlan plan =
          new TuningPlan(
              selection.folder().toAbsolutePath(),
              selection.rotaryFrequencies(),
              setup.recipe(),
              setup.lora(),
              setup.training(),
              setup.rehearsal(),
              setup.startFrom(),
              engine.model().device(),
              threads,
              setup.stage());
      try (JobDraft draft = JobFolder.create(folder, plan)) {
        data(setup.rehearsal()).write(draft, TENANT, split(name, data), () -> {});
        draft.seal();
      }
    }
    Path delta = JobFolder.open(folder).delta();
    try {
      return new Trained(delta, new TrainingRun().await(trainer, folder).seconds(), "");
    } catch (TrimtabException e) {
      if (e.code() != ErrorCode.INVALID_ARGUMENT) {
        throw e;
      }
      return new Trained(delta, 0, String.valueOf(e.getMessage()));
    }
  }

  /** What nobody rehearses, base need not be asked. */
  private JobData data(RehearsalSettings rehearsal) {
    int prompts = rehearsal.share() > 0 ? probes.rehearsal().size() : 0;
    return new JobData(engine, conversations, probes, prompts);
  }

  /** As the server would, by its gate. */
  public Judgement judge(Path delta, String name, CandidateData data)
      throws IOException, InterruptedException {
    EvaluationSet set =
        data(RehearsalSettings.none()).evaluation(split(name, data).gate(), _ -> false);
    try (Arena arena = Arena.ofShared()) {
      return judge.judge(TENANT, read(delta, arena), set, JudgementListener.silent());
    }
  }

  /** Puts an evaluation set to a delta, and to base. */
  public Evidence evaluate(Path delta, float scale, EvaluationSet set) throws InterruptedException {
    try (Arena arena = Arena.ofShared();
        CandidateModel candidate = engine.candidate(read(delta, arena), scale)) {
      return evaluator.evaluate(TENANT, candidate, set, JudgementListener.silent());
    }
  }

  /** Serves a delta that was trained; the model must be closed. */
  public ServedDelta serve(Path delta, float scale) {
    Arena arena = Arena.ofShared();
    try {
      return new ServedDelta(engine, engine.candidate(read(delta, arena), scale), quantities);
    } finally {
      // Laid out by now.
      arena.close();
    }
  }

  public Quantities quantities() {
    return quantities;
  }

  /**
   * Describes pictures freely under a delta; the mass on numbers meanwhile.
   *
   * @param scale 0 is base
   */
  public CaptionBias.Masses captionBias(Path delta, float scale, List<List<ChatMessage>> questions)
      throws InterruptedException {
    try (Arena arena = Arena.ofShared();
        CandidateModel candidate = engine.candidate(read(delta, arena), scale)) {
      return new CaptionBias(candidate, TENANT).of(questions);
    }
  }

  private PeftAdapter read(Path delta, Arena arena) {
    return reader.read(
        delta.resolve("adapter_config.json"), delta.resolve("adapter_model.safetensors"), arena);
  }

  private ExampleSplit split(String name, CandidateData data) {
    return new ExampleSplit(
        examples(name, "training", data.training()),
        examples(name, "validation", data.validation()),
        examples(name, "gate", data.gate()));
  }

  private List<Example> examples(String name, String part, List<VqaExample> from) {
    List<Example> examples = new ArrayList<>();
    for (VqaExample example : from) {
      examples.add(
          new Example(
              new AdapterId(TENANT, name),
              "%s-%04d".formatted(part, examples.size()),
              Optional.empty(),
              conversations.keep(
                  TENANT, EvaluationSets.messages(example.png(), example.question())),
              "",
              example.answer(),
              OptionalDouble.empty(),
              List.of(),
              Instant.EPOCH));
    }
    return examples;
  }

  @Override
  public void close() {
    trainer.close();
    engine.close();
    store.close();
  }

  /**
   * A trained delta, or why there is none.
   *
   * @param delta PEFT folder
   * @param seconds of training
   * @param refusal what the trainer said of data that can't be trained on; empty where it was
   */
  public record Trained(Path delta, double seconds, String refusal) {}
}
