package io.trimtab.study.report;

import io.trimtab.study.plan.Form;
import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StageRecord.Bias;
import io.trimtab.study.plan.Variant;
import io.trimtab.study.report.Group.Measure;
import io.trimtab.study.report.PaperClaims.Claim;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The report's tables of recipes and variants, for one model. */
final class RecipeSections {
  private final List<Group> groups;

  /**
   * @param groups of one model
   */
  RecipeSections(List<Group> groups) {
    this.groups = List.copyOf(groups);
  }

  String results() {
    MarkdownTable table =
        new MarkdownTable(
            "recipe",
            "seeds",
            "learned",
            "of it at the end",
            "held-out at the end",
            "held-out, mean of stages",
            "KL, nats",
            "number mass before",
            "at the end",
            "stages taken");
    for (Group group : groups) {
      table.row(
          group.name(),
          "" + group.sequences().size(),
          group.estimate(Sequence::learned).text(1),
          group.estimate(Sequence::learnedAtEnd).text(1),
          group.estimate(Sequence::heldOutAtEnd).text(1),
          group.estimate(Sequence::heldOutMean).text(1),
          figure(mean(group, StageRecord::kl)),
          figure(mean(first(group), record -> record.bias().getFirst().mean())),
          figure(mean(last(group), record -> record.biasAtEnd().mean())),
          "%d of %d"
              .formatted(
                  stages(group).stream().filter(StageRecord::taken).count(), stages(group).size()));
    }
    return table.toString();
  }

  /** After the last stage, by task; the mean over seeds. */
  String heldOutByTask() {
    List<String> tasks =
        groups.stream()
            .flatMap(group -> last(group).stream())
            .flatMap(record -> record.heldOut().keySet().stream())
            .distinct()
            .sorted()
            .toList();
    List<String> heads = new ArrayList<>(List.of("recipe"));
    heads.addAll(tasks);
    MarkdownTable table = new MarkdownTable(heads.toArray(String[]::new));
    if (!groups.isEmpty()) {
      table.row(byTask("base", groups.getFirst(), tasks, StageRecord.Answers::basePercent));
    }
    for (Group group : groups) {
      table.row(byTask(group.name(), group, tasks, StageRecord.Answers::percent));
    }
    return table.toString();
  }

  private static List<String> byTask(
      String name, Group group, List<String> tasks, ToDoubleFunction<StageRecord.Answers> percent) {
    List<String> row = new ArrayList<>(List.of(name));
    for (String task : tasks) {
      double mean =
          last(group).stream()
              .flatMap(record -> Optional.ofNullable(record.heldOut().get(task)).stream())
              .mapToDouble(percent)
              .average()
              .orElse(Double.NaN);
      row.add(String.format(Locale.ROOT, "%.0f", mean));
    }
    return row;
  }

  String claims() {
    MarkdownTable table =
        new MarkdownTable(
            "the paper's line", "there", "full deltas here", "verdict", "LoRA here", "verdict");
    List<Claim> full = new PaperClaims(groups, Form.FULL).all();
    List<Claim> lora = new PaperClaims(groups, Form.LORA).all();
    for (int i = 0; i < full.size(); i++) {
      Claim claim = full.get(i);
      table.row(
          claim.statement(),
          claim.paper(),
          claim.here().text(1),
          claim.verdict().toString(),
          lora.get(i).here().text(1),
          lora.get(i).verdict().toString());
    }
    return table.toString();
  }

  /** From the one that keeps most, with the difference of each to the next. */
  String order(Form form) {
    List<Group> ordered =
        plain(form).stream()
            .sorted(
                Comparator.comparingDouble(
                    group -> -group.estimate(Sequence::heldOutAtEnd).value()))
            .toList();
    if (ordered.isEmpty()) {
      return "No plain sequence of the form %s is whole yet.\n\n".formatted(form);
    }
    MarkdownTable table =
        new MarkdownTable(
            "place", "recipe", "held-out at the end", "keeps more than the next by", "learned");
    for (int i = 0; i < ordered.size(); i++) {
      Group group = ordered.get(i);
      table.row(
          "" + (i + 1),
          group.name(),
          group.estimate(Sequence::heldOutAtEnd).text(1),
          i + 1 < ordered.size()
              ? group.difference(ordered.get(i + 1), Sequence::heldOutAtEnd).text(1)
              : "",
          group.estimate(Sequence::learned).text(1));
    }
    return table.toString();
  }

  private List<Group> plain(Form form) {
    return groups.stream()
        .filter(group -> group.form() == form && group.variant() == Variant.PLAIN)
        .toList();
  }

  /** Each variant against the plain sequence of the same recipe. */
  String variants() {
    MarkdownTable table =
        new MarkdownTable("variant", "learned, against plain", "held-out, against plain");
    int rows = 0;
    for (Group group : groups) {
      Optional<Group> plain =
          plain(group.form()).stream().filter(other -> other.recipe() == group.recipe()).findAny();
      if (group.variant() != Variant.PLAIN && plain.isPresent()) {
        table.row(
            group.name(),
            difference(group, plain.get(), Sequence::learned),
            difference(group, plain.get(), Sequence::heldOutAtEnd));
        rows++;
      }
    }
    return rows == 0 ? "No variant has been run beside its plain sequence yet.\n\n" : table + "";
  }

  private static String difference(Group group, Group plain, Measure measure) {
    return group.difference(plain, measure).text(1);
  }

  /** The aims of five skills in sequence with the gate on. */
  String gated() {
    Optional<Group> found =
        groups.stream().filter(group -> group.variant() == Variant.GATED).findFirst();
    if (found.isEmpty()) {
      return "No sequence with the gate on is whole yet.\n\n";
    }
    Group group = found.get();
    Estimate learned = group.estimate(Sequence::learned);
    Estimate atEnd = group.estimate(Sequence::learnedAtEnd);
    Estimate heldOut = group.estimate(Sequence::heldOutAtEnd);
    StringBuilder text = new StringBuilder();
    text.append(
        "Learned on average %s points right after each stage (aim: 60 and more: %s), %s of them at"
                .formatted(learned.text(1), aim(learned, 60), atEnd.text(1))
            + " the end; held-out %s points at the end (aim: 1 lost at most: %s).\n\n"
                .formatted(heldOut.text(1), aim(heldOut, -1)));
    MarkdownTable table =
        new MarkdownTable("seed", "stage", "skill", "gate", "learned", "held-out", "KL, nats");
    for (StageRecord record : stages(group)) {
      table.row(
          "" + record.seed(),
          "" + record.stage(),
          record.skill(),
          record.taken() ? "passes at " + record.scale() : "refused: " + record.refusedBy(),
          percent(record.skills().get(record.skill())),
          percent(record.allHeldOut()),
          figure(record.kl()));
    }
    return text + table.toString();
  }

  private static String percent(StageRecord.@Nullable Answers answers) {
    return answers == null ? "" : String.format(Locale.ROOT, "%.1f %%", answers.percent());
  }

  private static String aim(Estimate estimate, double least) {
    return estimate.value() >= least ? "met" : "not met";
  }

  private static List<StageRecord> stages(Group group) {
    return group.sequences().stream().flatMap(each -> each.stages().stream()).toList();
  }

  private static List<StageRecord> first(Group group) {
    return group.sequences().stream().map(each -> each.stages().getFirst()).toList();
  }

  private static List<StageRecord> last(Group group) {
    return group.sequences().stream().map(Sequence::last).toList();
  }

  private static double mean(Group group, ToDoubleFunction<StageRecord> of) {
    return mean(stages(group), of);
  }

  private static double mean(List<StageRecord> records, ToDoubleFunction<StageRecord> of) {
    return records.stream().mapToDouble(of).average().orElse(Double.NaN);
  }

  /** Three digits that count, whatever the size. */
  static String figure(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.3g", value);
  }

  /** The counting bias at each step. */
  static String bias(List<Bias> bias) {
    List<String> steps = new ArrayList<>();
    for (Bias each : bias) {
      steps.add("%d: %s, %s".formatted(each.step(), figure(each.mean()), figure(each.max())));
    }
    return String.join("; ", steps);
  }
}
