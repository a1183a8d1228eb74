package io.trimtab.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.study.lab.Lab;
import io.trimtab.study.plan.Form;
import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StageRecord.Answers;
import io.trimtab.study.plan.StageRecord.Bias;
import io.trimtab.study.plan.StudyRun;
import io.trimtab.study.plan.StudyScale;
import io.trimtab.study.plan.Variant;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.world.Skill;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two updates of two stages on a real model: what is measured, what is kept, what goes on. */
class LabStageRunnerTest {
  private static final StudyScale SCALE =
      new StudyScale("full", 2, 1.5e-3, 8, 5, 12, 3, List.of("gauge", "species"));

  private static final String MODEL = "dinghy-qwen";

  @TempDir private static Path shared;

  private static @Nullable Lab lab;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    lab = Lab.open(MODEL, shared, 1);
  }

  @AfterAll
  static void close() {
    lab().close();
  }

  private static Lab lab() {
    return Objects.requireNonNull(lab);
  }

  @Test
  void aStageGoesOnFromTheOneBeforeAndLeavesItsDeltaAlone() throws Exception {
    StudyRun run = new StudyRun(MODEL, Recipe.SA_PROJ, Form.LORA, Variant.PLAIN, 1);
    LabStageRunner runner = new LabStageRunner(lab(), folder, SCALE);
    StageRecord first = runner.run(run, List.of(Skill.GAUGE), Optional.empty());
    runner.recorded(first);
    StageRecord second = runner.run(run, List.of(Skill.GAUGE, Skill.SPECIES), Optional.of(first));

    assertThat(first.name()).isEqualTo("dinghy-qwen-sa-proj-lora-plain-1-1-gauge");
    assertThat(first.taken()).isTrue();
    assertThat(first.steps()).isEqualTo(2);
    assertThat(first.kl()).isBetween(0.0, 20.0);
    assertThat(first.skills()).containsOnlyKeys("gauge");
    assertThat(second.skills()).containsOnlyKeys("gauge", "species");
    assertThat(second.skills().values()).allMatch(answers -> answers.questions() == 5);
    Answers heldOut = second.allHeldOut();
    assertThat(heldOut.questions()).isEqualTo(12);
    assertThat(heldOut.basePercent()).isGreaterThan(60);

    assertThat(first.bias()).extracting(Bias::step).containsExactly(0, 1, 2);
    assertThat(first.bias()).allMatch(bias -> bias.mean() >= 0 && bias.max() >= bias.mean());
    assertThat(second.bias().getFirst().mean()).isEqualTo(first.biasAtEnd().mean());

    Path job = folder.resolve("jobs").resolve(second.name());
    assertThat(Files.readString(job.resolve("job.json"))).contains(first.delta());
    assertThat(folder.resolve("jobs").resolve(first.name())).doesNotExist();
    assertThat(folder.resolve(first.delta()).resolve("adapter_model.safetensors")).exists();
    assertThat(folder.resolve(second.delta()).resolve("adapter_model.safetensors")).exists();
  }

  /** Two updates teach nothing, which the gate sees; the next stage begins anew. */
  @Test
  void aStageThatTheGateRefusesIsNotTaken() throws Exception {
    StudyScale scale =
        new StudyScale("full", 2, 1.5e-3, 100, 5, 12, 3, List.of("gauge", "species"));
    StudyRun run = new StudyRun(MODEL, Recipe.SA_PROJ, Form.LORA, Variant.GATED, 1);
    LabStageRunner runner = new LabStageRunner(lab(), folder, scale);
    StageRecord first = runner.run(run, List.of(Skill.GAUGE), Optional.empty());

    assertThat(first.taken()).isFalse();
    assertThat(first.refusedBy()).contains("learning");
    assertThat(first.scale()).isZero();
    assertThat(first.delta()).isEmpty();
    // What is measured is what goes on: base.
    assertThat(first.kl()).isCloseTo(0, within(1e-6));
    assertThat(first.allHeldOut().tuned()).isEqualTo(first.allHeldOut().base());
  }
}
