package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.TrimtabException;
import io.trimtab.study.plan.Form;
import io.trimtab.study.plan.Records;
import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StageRecord.Answers;
import io.trimtab.study.plan.StudyRecords;
import io.trimtab.study.plan.StudyRun;
import io.trimtab.study.plan.Variant;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.world.Skill;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A study goes on where it was, and no stage is done twice. */
class StudyTest {
  private static final StudyRun FIRST =
      new StudyRun("dinghy-qwen", Recipe.SA_PROJ, Form.LORA, Variant.PLAIN, 1);
  private static final StudyRun SECOND =
      new StudyRun("dinghy-llava", Recipe.LLM, Form.LORA, Variant.GATED, 1);

  @TempDir private Path folder;

  private final List<String> opened = new ArrayList<>();
  private final List<String> ran = new ArrayList<>();
  private final List<String> startedFrom = new ArrayList<>();
  private final List<String> cleared = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();

  /** Ends like a killed program at the stage of that number; 0 never does. */
  private int diesAt;

  private final class Runner implements StageRunner {
    @Override
    public StageRecord run(StudyRun run, List<Skill> skills, Optional<StageRecord> before) {
      String name = run.stageName(skills.size(), skills.getLast());
      if (ran.size() + 1 == diesAt) {
        throw new IllegalStateException("killed");
      }
      ran.add(name);
      startedFrom.add(before.map(StageRecord::delta).orElse("nothing"));
      Map<String, Answers> answers = new TreeMap<>();
      skills.forEach(skill -> answers.put(skill.task(), Records.answers(0, 50)));
      return Records.record(run, skills.size(), answers, Records.answers(90, 80), 0.5, true);
    }

    @Override
    public void recorded(StageRecord record) {
      cleared.add(record.name());
    }

    @Override
    public void close() {
      opened.add("closed");
    }
  }

  private void run() throws Exception {
    run(List.of(FIRST, SECOND));
  }

  private void run(List<StudyRun> runs) throws Exception {
    new Study(
            records(),
            model -> {
              opened.add(model);
              return new Runner();
            })
        .run(
            runs,
            new Study.Listener() {
              @Override
              public void stageEnded(StageRecord record) {
                heard.add(record.name());
              }

              @Override
              public void ended(StudyRun run) {
                heard.add("end of " + run.name());
              }
            });
  }

  private StudyRecords records() throws IOException {
    return StudyRecords.open(folder, Records.SCALE);
  }

  private static final List<String> ALL =
      List.of(
          "dinghy-qwen-sa-proj-lora-plain-1-1-species",
          "dinghy-qwen-sa-proj-lora-plain-1-2-gauge",
          "dinghy-llava-llm-lora-gated-1-1-species",
          "dinghy-llava-llm-lora-gated-1-2-gauge");

  @Test
  void everyStageIsDoneOnceAndGoesOnFromTheOneBefore() throws Exception {
    run();

    assertThat(ran).isEqualTo(ALL);
    assertThat(startedFrom)
        .containsExactly("nothing", "deltas/" + ALL.get(0), "nothing", "deltas/" + ALL.get(2));
    assertThat(opened).containsExactly("dinghy-qwen", "closed", "dinghy-llava", "closed");
    assertThat(heard)
        .containsExactly(
            ALL.get(0),
            ALL.get(1),
            "end of " + FIRST.name(),
            ALL.get(2),
            ALL.get(3),
            "end of " + SECOND.name());
    assertThat(records().all())
        .extracting(StageRecord::name)
        .containsExactlyInAnyOrderElementsOf(ALL);
  }

  @Test
  void whatWasDoneIsNotDoneAgainAndNoModelIsOpenedForIt() throws Exception {
    run();
    ran.clear();
    opened.clear();
    heard.clear();

    run();

    assertThat(ran).isEmpty();
    assertThat(opened).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void killedAnywhereItGoesOnBehindTheLastStageThatEnded() throws Exception {
    for (int stage = 1; stage <= ALL.size(); stage++) {
      Files.createDirectories(folder.resolve("" + stage));
      Path own = folder.resolve("" + stage);
      ran.clear();
      startedFrom.clear();
      diesAt = stage;
      StudyRecords records = StudyRecords.open(own, Records.SCALE);
      Study study = new Study(records, _ -> new Runner());
      assertThatThrownBy(() -> study.run(List.of(FIRST, SECOND), silent())).hasMessage("killed");
      assertThat(ran).isEqualTo(ALL.subList(0, stage - 1));
      diesAt = 0;
      study.run(List.of(FIRST, SECOND), silent());
      assertThat(ran).as("killed at stage %d", stage).isEqualTo(ALL);
      assertThat(startedFrom.get(1)).isEqualTo("deltas/" + ALL.get(0));
    }
  }

  private static Study.Listener silent() {
    return new Study.Listener() {
      @Override
      public void stageEnded(StageRecord record) {}

      @Override
      public void ended(StudyRun run) {}
    };
  }

  @Test
  void aStageThatWasKilledBehindItsRecordIsClearedByTheNextRun() throws Exception {
    records().write(Records.of(FIRST, 50, 80).getFirst());

    run(List.of(FIRST));

    assertThat(ran).containsExactly(ALL.get(1));
    assertThat(cleared).containsExactly(ALL.get(0), ALL.get(1));
  }

  @Test
  void aRecordIsOneLineAndReadAsItWasWritten() throws IOException {
    StageRecord record = Records.of(SECOND, 37, 71).getLast();
    records().write(record);

    assertThat(records().find(record.name())).contains(record);
    assertThat(records().all()).containsExactly(record);
    assertThat(Files.readString(folder.resolve("records").resolve(record.name() + ".json")))
        .hasLineCount(1)
        .endsWith("}\n");
  }

  @Test
  void aRecordWithoutANumberIsReadAsItWasWritten() throws IOException {
    StageRecord record =
        Records.record(
            FIRST,
            1,
            Map.of("species", Records.answers(0, 0)),
            Records.answers(90, 0),
            Double.NaN,
            false);
    records().write(record);

    assertThat(records().find(record.name())).contains(record);
  }

  @Test
  void aPartWithoutItsNameIsNoRecord() throws IOException {
    StageRecord record = Records.of(FIRST, 50, 80).getFirst();
    records().write(record);
    Path whole = folder.resolve("records").resolve(record.name() + ".json");
    Files.move(whole, whole.resolveSibling(whole.getFileName() + ".part"));

    assertThat(records().find(record.name())).isEmpty();
    assertThat(records().all()).isEmpty();
  }

  @Test
  void aFolderThatCountsLessonsIsRead() throws IOException {
    records();
    Path scale = folder.resolve("scale.json");
    Files.writeString(scale, Files.readString(scale).replace("\"examples\"", "\"lessons\""));

    assertThat(Files.readString(scale)).contains("lessons");
    assertThat(records().scale()).isEqualTo(Records.SCALE);
  }

  @Test
  void recordsOfAStudyOfAnotherSizeAreNotMixedIn() throws IOException {
    records();

    assertThatThrownBy(() -> StudyRecords.open(folder, Records.SCALE.withSteps(10)))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("--data");
  }

  @Test
  void thePlanSaysWhatIsLeftByTheSecondsMeasured() throws IOException {
    // 130 seconds a stage: two of three sequences of two are left, and one stage.
    Records.of(FIRST, 50, 80).forEach(this::write);
    StudyRun same = new StudyRun("dinghy-qwen", Recipe.LLM, Form.LORA, Variant.PLAIN, 1);
    StudyRun other = new StudyRun("dinghy-qwen", Recipe.MLP, Form.LORA, Variant.PLAIN, 1);
    write(Records.of(same, 50, 80).getFirst());
    StringWriter text = new StringWriter();

    new StudyProgress(new PrintWriter(text), List.of(FIRST, same, other), records()).plan();

    assertThat(text.toString())
        .contains("| dinghy-qwen-sa-proj-lora-plain-1 | 2 of 2 | 130 | done |")
        .contains("| dinghy-qwen-llm-lora-plain-1 | 1 of 2 | 130 | 2 min 10 s |")
        .contains("| dinghy-qwen-mlp-lora-plain-1 | 0 of 2 | 130 | 6 min 30 s |")
        .contains("3 of 6 stages are left, about 6 min 30 s");
  }

  @Test
  void afterEachStageItIsSaidWhatIsLeftByTheSecondsMeasured() throws IOException {
    StudyRun other = new StudyRun("dinghy-qwen", Recipe.MLP, Form.LORA, Variant.PLAIN, 1);
    StringWriter text = new StringWriter();
    StudyProgress progress =
        new StudyProgress(new PrintWriter(text), List.of(FIRST, other), records());
    for (StageRecord record : Records.of(FIRST, 50, 80)) {
      write(record);
      progress.ended(record);
    }

    // 130 seconds a stage.
    assertThat(text.toString().lines())
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .startsWith("[1/4] dinghy-qwen-sa-proj-lora-plain-1-1-")
                    .endsWith("; 130 s, about 6 min 30 s left"),
            second ->
                assertThat(second)
                    .startsWith("[2/4] dinghy-qwen-sa-proj-lora-plain-1-2-")
                    .endsWith("; 130 s, about 4 min 20 s left"));
  }

  private void write(StageRecord record) {
    try {
      records().write(record);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
