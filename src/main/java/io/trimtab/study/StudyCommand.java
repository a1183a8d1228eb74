package io.trimtab.study;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.BundledModel;
import io.trimtab.study.drift.DriftStudyCommand;
import io.trimtab.study.gate.GateStudyCommand;
import io.trimtab.study.lab.Lab;
import io.trimtab.study.plan.Form;
import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StudyPlan;
import io.trimtab.study.plan.StudyRecords;
import io.trimtab.study.plan.StudyRun;
import io.trimtab.study.plan.StudyScale;
import io.trimtab.study.plan.Variant;
import io.trimtab.study.report.StudyReport;
import io.trimtab.tuning.job.Recipe;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code trimtab study}: the paper's experiment on the bundled world. */
@Command(
    name = "study",
    description = {
      "The experiment of 'How to Teach Large Multimodal Models New Skills' on the bundled models:"
          + " five skills tuned in sequence, by recipe.",
      "Hours; killed and started again with the same --data, it goes on behind the last stage.",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab study --quick                   # minutes, no conclusions",
      "  trimtab study --data study-data         # hours; started again, it goes on",
      "  trimtab study gate --data study-data",
    },
    sortOptions = false,
    subcommands = {GateStudyCommand.class, DriftStudyCommand.class})
public final class StudyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--quick",
      description = "Two skills, two recipes, few steps and questions: minutes, no conclusions.")
  private boolean quick;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder for what is trained and found (default: ${DEFAULT-VALUE}).")
  private Path data = Path.of("study-data");

  @Option(
      names = "--models",
      paramLabel = "NAME",
      split = ",",
      description = "Bundled models, in this order (default: dinghy-qwen,dinghy-llava).")
  private List<String> models = List.of("dinghy-qwen", "dinghy-llava");

  @Option(
      names = "--recipes",
      paramLabel = "NAME",
      split = ",",
      description = "Of sa-proj, sa-qkv, gate-up, mlp, llm, projector (default: all).")
  private @Nullable List<String> recipes;

  @Option(
      names = "--forms",
      paramLabel = "NAME",
      split = ",",
      description = "Of lora, full (default: both). Only plain sequences are run in full.")
  private @Nullable List<String> forms;

  @Option(
      names = "--variants",
      paramLabel = "NAME",
      split = ",",
      description = {
        "Of plain, rehearsal, lwf, wise-ft, gated (default: all).",
        "rehearsal, lwf and wise-ft are run with sa-proj and llm, or with the recipes that are named"
            + " if these are not among them; gated with sa-proj."
      })
  private @Nullable List<String> variants;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Sequences of each kind, with seeds from 1 (default: 3; quick: 1).")
  private @Nullable Integer seeds;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Updates of a stage (default: 450; quick: 60).")
  private @Nullable Integer steps;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      description = {
        "Of LoRA (default: 1.5e-3); full deltas are trained at a tenth of it, gated sequences at a"
            + " server's."
      })
  private @Nullable Double learningRate;

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "Examples of a skill (default: 400; quick: 120).")
  private @Nullable Integer examples;

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      description = "Only sequences whose name has this in it.")
  private String only = "";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of PyTorch and of ONNX Runtime (default: ${DEFAULT-VALUE}).")
  private int threads = 1;

  @Option(
      names = "--plan",
      description = {
        "Runs nothing: prints what would be run, and how long it would take by the stages measured"
            + " so far.",
        "With --report, the report of what has been run is written."
      })
  private boolean plan;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = {
        "Markdown with what was found; its figures and records go into its folder (default:"
            + " report.md in the study's folder).",
        "It is written anew after each sequence."
      })
  private @Nullable Path report;

  private StudyCommand() {}

  /** The command with those below it. */
  public static CommandLine line() {
    return new CommandLine(new StudyCommand());
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    StudyScale scale = scale();
    List<StudyRun> runs = runs();
    Path folder = data.resolve(scale.concludesNothing() ? "study-quick" : "study").toAbsolutePath();
    Files.createDirectories(folder);
    StudyRecords records = StudyRecords.open(folder, scale);
    PrintWriter out = spec.commandLine().getOut();
    StudyProgress progress = new StudyProgress(out, runs, records);
    if (plan) {
      progress.plan();
      if (report != null) {
        write(report, runs, records);
      }
      return 0;
    }
    Path file = report == null ? folder.resolve("report.md") : report;
    new Study(records, model -> runner(model, folder, scale))
        .run(
            runs,
            new Study.Listener() {
              @Override
              public void stageEnded(StageRecord record) throws IOException {
                progress.ended(record);
              }

              @Override
              public void ended(StudyRun run) throws IOException {
                write(file, runs, records);
              }
            });
    write(file, runs, records);
    out.printf("The report is %s%n", file);
    out.flush();
    return 0;
  }

  private LabStageRunner runner(String model, Path folder, StudyScale scale) {
    return new LabStageRunner(Lab.open(model, folder.resolve(model), threads), folder, scale);
  }

  private static void write(Path file, List<StudyRun> runs, StudyRecords records)
      throws IOException {
    StudyReport.of(records.scale(), runs, records.all()).write(file.toAbsolutePath());
  }

  private StudyScale scale() {
    StudyScale scale = quick ? StudyScale.quick() : StudyScale.full();
    if (learningRate != null) {
      scale = scale.withLearningRate(learningRate);
    }
    if (examples != null) {
      scale = scale.withExamples(examples);
    }
    return steps == null ? scale : scale.withSteps(steps);
  }

  private List<StudyRun> runs() {
    List<String> unknown = models.stream().filter(name -> !BundledModel.exists(name)).toList();
    if (!unknown.isEmpty()) {
      throw TrimtabException.invalid(
          "Expected bundled models of %s, got %s"
              .formatted(String.join(", ", BundledModel.names()), unknown));
    }
    int seedCount = seeds == null ? (quick ? 1 : 3) : seeds;
    if (seedCount < 1 || threads < 1) {
      throw TrimtabException.invalid(
          "--seeds is %d and --threads %d, expected 1 and above".formatted(seedCount, threads));
    }
    StudyPlan all =
        new StudyPlan(
            models,
            chosen(recipes, Recipe::of, quick ? StudyPlan.QUICK_RECIPES : StudyPlan.RECIPES),
            chosen(forms, Form::of, quick ? List.of(Form.LORA) : List.of(Form.values())),
            chosen(
                variants, Variant::of, quick ? List.of(Variant.PLAIN) : List.of(Variant.values())),
            seedCount);
    List<StudyRun> runs =
        all.runs().stream().filter(run -> run.name().contains(only)).collect(Collectors.toList());
    if (runs.isEmpty()) {
      throw TrimtabException.invalid(
          "No sequence is chosen: --only is '%s', expected a part of one of %s"
              .formatted(only, all.runs().stream().map(StudyRun::name).toList()));
    }
    return runs;
  }

  private static <T> List<T> chosen(
      @Nullable List<String> names, Function<String, T> named, List<T> usual) {
    return names == null ? usual : names.stream().map(named).toList();
  }
}
