package io.trimtab.study.report;

import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StageRecord.Answers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Every stage of every sequence, as a table of its own. */
final class StageTables {
  private final List<Sequence> sequences;

  StageTables(List<Sequence> sequences) {
    this.sequences = List.copyOf(sequences);
  }

  String text() {
    StringBuilder text = new StringBuilder("# Stage by stage\n\n");
    text.append(
            "Exact match in percent; KL in nats a token; number mass of captions by step of the")
        .append(" stage, as mean and largest over an answer's steps.\n\n");
    for (Sequence sequence : sequences) {
      text.append("## ").append(sequence.run().name()).append("\n\n");
      MarkdownTable table =
          new MarkdownTable(
              "stage",
              "skill",
              "skills so far",
              "held-out (base)",
              "held-out by task",
              "KL",
              "number mass",
              "taken",
              "seconds");
      sequence.stages().forEach(stage -> row(table, stage));
      text.append(table);
    }
    return text.toString();
  }

  private static void row(MarkdownTable table, StageRecord stage) {
    Answers heldOut = stage.allHeldOut();
    table.row(
        "" + stage.stage(),
        stage.skill(),
        percents(stage.skills()),
        String.format(Locale.ROOT, "%.1f (%.1f)", heldOut.percent(), heldOut.basePercent()),
        percents(stage.heldOut()),
        RecipeSections.figure(stage.kl()),
        RecipeSections.bias(stage.bias()),
        stage.taken() ? "at " + stage.scale() : "no: " + stage.refusedBy(),
        "%.0f".formatted(stage.seconds()));
  }

  private static String percents(Map<String, Answers> answers) {
    return answers.entrySet().stream()
        .map(
            entry ->
                String.format(Locale.ROOT, "%s %.0f", entry.getKey(), entry.getValue().percent()))
        .collect(Collectors.joining(", "));
  }
}
