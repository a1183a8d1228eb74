package io.trimtab.study.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.study.plan.Form;
import io.trimtab.study.plan.Records;
import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StudyRun;
import io.trimtab.study.plan.StudyScale;
import io.trimtab.study.plan.Variant;
import io.trimtab.tuning.job.Recipe;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report says what the records say, and no more. */
class StudyReportTest {
  @TempDir private Path folder;

  private final List<StudyRun> runs = new ArrayList<>();
  private final List<StageRecord> records = new ArrayList<>();

  private StudyRun run(Recipe recipe, Variant variant) {
    return run(recipe, Form.LORA, variant);
  }

  private StudyRun run(Recipe recipe, Form form, Variant variant) {
    StudyRun run = new StudyRun("dinghy-qwen", recipe, form, variant, 1);
    runs.add(run);
    return run;
  }

  private void ran(Recipe recipe, Variant variant, int learned, int... kept) {
    records.addAll(Records.of(run(recipe, variant), learned, kept));
  }

  private String report(StudyScale scale) throws IOException {
    Path file = folder.resolve("docs").resolve("report.md");
    StudyReport.of(scale, runs, records).write(file);
    return Files.readString(file);
  }

  private static String line(String report, String beginning) {
    return report.lines().filter(line -> line.startsWith(beginning)).findFirst().orElseThrow();
  }

  @Test
  void eachLineOfThePaperHasItsVerdict() throws IOException {
    ran(Recipe.SA_PROJ, Variant.PLAIN, 60, 89);
    ran(Recipe.LLM, Variant.PLAIN, 60, 50);
    ran(Recipe.MLP, Variant.PLAIN, 60, 88);
    ran(Recipe.GATE_UP, Variant.PLAIN, 3, 60);
    run(Recipe.PROJECTOR, Variant.PLAIN);

    String report = report(Records.SCALE);

    assertThat(line(report, "| sa-proj learns (")).contains("+60.0").endsWith("| repeated here |");
    assertThat(line(report, "| gate-up learns (")).endsWith("| not repeated here |");
    assertThat(line(report, "| gate-up loses little")).endsWith("| not repeated here |");
    assertThat(line(report, "| llm loses much")).contains("-40.0").endsWith("| repeated here |");
    assertThat(line(report, "| mlp loses much")).endsWith("| not repeated here |");
    assertThat(line(report, "| projector learns little")).endsWith("|  | not run |");
    assertThat(line(report, "| the vision tower")).endsWith("| not run |");
    assertThat(line(report, "| sa-proj keeps more than llm"))
        .contains("+39.0")
        .endsWith("| repeated here |");
    assertThat(line(report, "| gate-up keeps more than mlp")).endsWith("| not repeated here |");
    assertThat(line(report, "| llm learns more than sa-proj")).contains("undecided");
  }

  @Test
  void fullDeltasAndLoraEachHaveTheirVerdict() throws IOException {
    ran(Recipe.SA_PROJ, Variant.PLAIN, 60, 50);
    records.addAll(Records.of(run(Recipe.SA_PROJ, Form.FULL, Variant.PLAIN), 40, 89));

    assertThat(line(report(Records.SCALE), "| sa-proj loses little"))
        .matches(
            ".* \\| -0\\.6 \\| -1\\.0 .* \\| [a-z ]+: .* \\| -40\\.0 .* \\| not repeated here \\|");
  }

  @Test
  void theOrderIsFromTheOneThatKeepsMost() throws IOException {
    ran(Recipe.LLM, Variant.PLAIN, 60, 50);
    ran(Recipe.SA_PROJ, Variant.PLAIN, 60, 89);
    ran(Recipe.MLP, Variant.PLAIN, 60, 70);

    String report = report(Records.SCALE);

    assertThat(line(report, "| 1 |"))
        .startsWith("| 1 | sa-proj, lora | -1.0 (")
        .contains("| +19.0 (");
    assertThat(line(report, "| 2 |")).startsWith("| 2 | mlp, lora | -20.0 (");
    assertThat(line(report, "| 3 |")).startsWith("| 3 | llm, lora | -40.0 (");
    assertThat(report).contains("No plain sequence of the form full is whole yet.");
  }

  @Test
  void whatIsMissingIsSaidAndHasNoFigure() throws IOException {
    ran(Recipe.SA_PROJ, Variant.PLAIN, 60, 89);
    records.add(Records.of(run(Recipe.LLM, Variant.PLAIN), 60, 50).getFirst());
    run(Recipe.SA_PROJ, Variant.GATED);

    String report = report(Records.SCALE);

    assertThat(report)
        .contains("**Not all has been run:** 3 of 6 stages.")
        .contains("dinghy-qwen-llm-lora-plain-1 (1 of 2), dinghy-qwen-sa-proj-lora-gated-1.")
        .contains("No sequence with the gate on is whole yet.")
        .contains("too few sequences for an interval")
        .doesNotContain("NaN");
    assertThat(line(report, "| llm learns ("))
        .isEqualTo("| llm learns (more than 10 points) | +31.8 |  | not run |  | not run |");
    assertThat(report).doesNotContain("| llm, lora |");
  }

  @Test
  void nothingRunIsAReportOfNothing() throws IOException {
    run(Recipe.SA_PROJ, Variant.PLAIN);

    String report = report(Records.SCALE);

    assertThat(report)
        .contains("0 of 2 stages")
        .contains("No sequence of this model has all its stages yet.")
        .doesNotContain("NaN")
        .doesNotContain("![");
  }

  @Test
  void variantsStandAgainstPlainAndTheGateAgainstItsAims() throws IOException {
    ran(Recipe.SA_PROJ, Variant.PLAIN, 60, 70);
    ran(Recipe.SA_PROJ, Variant.REHEARSAL, 50, 88);
    ran(Recipe.SA_PROJ, Variant.GATED, 62, 87);

    String report = report(Records.SCALE);

    assertThat(report.lines().filter(line -> line.startsWith("| sa-proj, lora, rehearsal |")))
        .anyMatch(line -> line.contains("| -10.0 (") && line.contains("| +18.0 ("));
    assertThat(report)
        .contains("(aim: 60 and more: met)")
        .contains("(aim: 1 lost at most: not met)");
  }

  @Test
  void theGatesLimitsAreJudgedByEnoughStagesAlone() throws IOException {
    ran(Recipe.SA_PROJ, Variant.PLAIN, 60, 88);
    assertThat(report(Records.SCALE)).contains("too few of one kind");

    ran(Recipe.SA_QKV, Variant.PLAIN, 60, 89);
    ran(Recipe.PROJECTOR, Variant.PLAIN, 60, 89);
    ran(Recipe.LLM, Variant.PLAIN, 60, 20);
    ran(Recipe.MLP, Variant.PLAIN, 60, 30);
    ran(Recipe.GATE_UP, Variant.PLAIN, 60, 60);

    String report = report(Records.SCALE);
    // The signal is 0.35 and above where much was lost, 0.07 and below elsewhere, never 1.
    assertThat(report)
        .contains("6 stages lost more than the 5 points that the gate allows, 6 did not.")
        .contains("above it 0 of 0 stages lost too much, below it 6 of 12 (J 0.00).")
        .contains("Best of all limits: 0.210, 6 of 6 above and 0 of 6 below (J 1.00")
        .contains("A limit near 0.210 would sort them better.");
    assertThat(line(report, "| KL on the new task's inputs | held-out points lost"))
        .contains("+1.00")
        .endsWith("repeated here |");
  }

  @Test
  void theQuickStudyConcludesNothing() throws IOException {
    ran(Recipe.SA_PROJ, Variant.PLAIN, 60, 89);
    assertThat(report(Records.SCALE)).doesNotContain("too small to conclude");
    StudyScale quick = new StudyScale("quick", 60, 1e-3, 120, 100, 100, 16, Records.SCALE.skills());
    assertThat(report(quick)).contains("too small to conclude anything from");
  }

  @Test
  void itsFiguresArePicturesBesideIt() throws IOException {
    ran(Recipe.SA_PROJ, Variant.PLAIN, 60, 89);
    ran(Recipe.LLM, Variant.PLAIN, 60, 50);

    String report = report(Records.SCALE);

    List<String> figures =
        report
            .lines()
            .filter(line -> line.startsWith("![]("))
            .map(line -> line.substring(4, line.length() - 1))
            .toList();
    assertThat(figures).hasSize(5).doesNotHaveDuplicates();
    for (String figure : figures) {
      BufferedImage drawn = ImageIO.read(folder.resolve("docs").resolve(figure).toFile());
      assertThat(drawn.getWidth()).isGreaterThan(500);
      assertThat(colours(drawn)).as(figure).isGreaterThan(3);
    }
    assertThat(Files.readAllLines(folder.resolve("docs/records.jsonl"))).hasSize(4);
    assertThat(Files.readString(folder.resolve("docs/stages.md")))
        .contains("## dinghy-qwen-llm-lora-plain-1")
        .contains("species 60");
  }

  private static long colours(BufferedImage picture) {
    return IntStream.range(0, picture.getWidth() * picture.getHeight())
        .map(i -> picture.getRGB(i % picture.getWidth(), i / picture.getWidth()))
        .distinct()
        .count();
  }
}
