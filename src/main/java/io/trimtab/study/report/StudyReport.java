package io.trimtab.study.report;

import io.trimtab.study.plan.Form;
import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StudyRun;
import io.trimtab.study.plan.StudyScale;
import io.trimtab.study.plan.Variant;
import io.trimtab.study.report.Signals.Signal;
import io.trimtab.tuning.job.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What was found, in Markdown, with figures beside it. Computed from the records alone: what was
 * not run is said to be missing, and has no figure.
 */
public final class StudyReport {
  private final StudyScale scale;
  private final List<StudyRun> runs;
  private final List<Sequence> sequences;
  private final List<Group> groups;

  private StudyReport(StudyScale scale, List<StudyRun> runs, List<Sequence> sequences) {
    this.scale = scale;
    this.runs = runs;
    this.sequences = sequences;
    this.groups = Group.of(sequences, scale.skills().size());
  }

  /**
   * @param runs that the study has or is to have; records of others are left out
   */
  public static StudyReport of(StudyScale scale, List<StudyRun> runs, List<StageRecord> records) {
    return new StudyReport(scale, List.copyOf(runs), Sequence.of(runs, records));
  }

  /** Writes the report, and beside it its figures, {@code stages.md} and {@code records.jsonl}. */
  public void write(Path file) throws IOException {
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    Files.createDirectories(folder);
    Files.writeString(file, text(new StudyCharts(folder)));
    Files.writeString(folder.resolve("stages.md"), new StageTables(sequences).text());
    Files.writeString(
        folder.resolve("records.jsonl"),
        sequences.stream()
            .flatMap(sequence -> sequence.stages().stream())
            .map(record -> StrictJson.write(record) + "\n")
            .collect(Collectors.joining()));
  }

  String text(StudyCharts charts) throws IOException {
    StringBuilder text = new StringBuilder("# Five skills in sequence, by recipe\n\n");
    text.append("Written by `trimtab study`; do not edit. Every figure is computed from")
        .append(" [records.jsonl](records.jsonl); stage by stage they are in")
        .append(" [stages.md](stages.md).\n\n");
    if (scale.concludesNothing()) {
      text.append(
              "**This is the quick study: it is too small to conclude anything from.** It shows")
          .append(" that the experiment runs.\n\n");
    }
    text.append(measured());
    text.append(missing());
    for (String model : models()) {
      model(text, model, charts);
    }
    text.append("## What can be seen without held-out data\n\n");
    SignalSections all = new SignalSections(sequences);
    text.append(all.correlations());
    figure(
        text,
        charts.scatter("kl.png", "KL and what is lost, by stage", Signal.KL, sequences),
        "kl.png");
    figure(
        text,
        charts.scatter(
            "bias.png", "Counting bias and what is lost, by stage", Signal.BIAS_MEAN, sequences),
        "bias.png");
    for (String model : models()) {
      text.append("### ").append(model).append(" alone\n\n");
      text.append(new SignalSections(of(model)).correlations());
    }
    text.append("## Does what is lost come back?\n\n").append(all.recovery());
    text.append("## What follows for the gate's limits\n\n").append(all.limits());
    return text.toString();
  }

  private void model(StringBuilder text, String model, StudyCharts charts) throws IOException {
    List<Group> own = groups.stream().filter(group -> group.model().equals(model)).toList();
    text.append("## ").append(model).append("\n\n");
    if (own.isEmpty()) {
      text.append("No sequence of this model has all its stages yet.\n\n");
      return;
    }
    RecipeSections sections = new RecipeSections(own);
    List<Group> plain =
        own.stream()
            .filter(group -> group.variant() == Variant.PLAIN && group.form() == Form.LORA)
            .toList();
    text.append(sections.results());
    figure(
        text,
        charts.recipes(model + "-recipes.png", model + ": learned and kept", own),
        model + "-recipes.png");
    figure(
        text,
        charts.stages(model + "-stages.png", model + ": held-out after each stage, LoRA", plain),
        model + "-stages.png");
    figure(
        text,
        charts.bias(model + "-bias.png", model + ": counting bias within a stage, LoRA", plain),
        model + "-bias.png");
    text.append("### Beside the paper\n\n")
        .append("The paper's own figures are of full deltas, at a learning rate of 5e-6.\n\n")
        .append(sections.claims());
    text.append("### The order of recipes\n\n");
    for (Form form : Form.values()) {
      text.append(sections.order(form));
    }
    text.append("### What keeps from forgetting\n\n").append(sections.variants());
    text.append("### With the gate on\n\n").append(sections.gated());
    text.append("### Held-out by task at the end, percent\n\n").append(sections.heldOutByTask());
  }

  private static void figure(StringBuilder text, boolean drawn, String file) {
    if (drawn) {
      text.append("![](").append(file).append(")\n\n");
    }
  }

  private String measured() {
    return String.format(
        Locale.ROOT,
        """
        ## How it was measured

        The skills %s are tuned one after the other, each by %d examples and %d updates of 16, a stage going on from the
        delta that the one before left. LoRA has rank 16, alpha 32 and a learning rate of %s; full deltas a tenth of
        it. AdamW, no weight decay, cosine, warm-up 3 %%. `rehearsal` fills half of each batch with questions that base
        answers; `lwf` adds the KL to the model at the start of the stage (T = 2); `wise-ft` takes half of each stage's
        change; `gated` trains as the server does, with rehearsal, and leaves out a stage that the gate refuses.

        *Learned* is the exact match on %d unseen pictures of a skill right after its own stage, over base, mean of the
        skills; *of it at the end* the same after the last stage. *Held-out* is exact match on %d questions that base was
        taught, against base. KL is KL(base‖tuned) on the new task's inputs at base's answer, a lower bound. Number mass
        is that of %d free captions at the end of a stage, the mean over steps and pictures. Points are percentage
        points.

        Intervals are 95 %%: a percentile bootstrap of 2,000 draws over questions, and over seeds where there is more
        than one; with one seed they say nothing about another training. One without width means that no question
        differed, not that none could. Differences are paired by question
        and over the seeds that both have. Those of correlations are a bootstrap over sequences. Verdicts are read off the intervals; there are many of them, so
        that one in twenty may be wrong. All of it is at one learning rate; at another, recipes may learn and forget otherwise.

        """,
        String.join(", ", scale.skills()),
        scale.examples(),
        scale.steps(),
        scale.learningRate(),
        scale.skillQuestions(),
        scale.keptQuestions(),
        scale.captions());
  }

  private String missing() {
    int skills = scale.skills().size();
    List<String> open = new ArrayList<>();
    int done = 0;
    for (StudyRun run : runs) {
      int stages =
          sequences.stream()
              .filter(sequence -> sequence.run().equals(run))
              .mapToInt(sequence -> sequence.stages().size())
              .sum();
      done += stages;
      if (stages < skills) {
        open.add(run.name() + (stages == 0 ? "" : " (%d of %d)".formatted(stages, skills)));
      }
    }
    if (open.isEmpty()) {
      return "All %d sequences have been run.\n\n".formatted(runs.size());
    }
    return ("**Not all has been run:** %d of %d stages. Missing, and so in no table of whole sequences:"
            + " %s.\n\n")
        .formatted(done, runs.size() * skills, String.join(", ", open));
  }

  private List<String> models() {
    return runs.stream().map(StudyRun::model).distinct().toList();
  }

  private List<Sequence> of(String model) {
    return sequences.stream().filter(sequence -> sequence.run().model().equals(model)).toList();
  }
}
