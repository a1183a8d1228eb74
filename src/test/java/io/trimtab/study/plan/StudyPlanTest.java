package io.trimtab.study.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.error.TrimtabException;
import io.trimtab.study.lab.TrainingSetup;
import io.trimtab.tuning.job.LoraSettings.Rank;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.StageSettings;
import io.trimtab.tuning.job.TrainingSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is run, in which order, and how. */
class StudyPlanTest {
  private static final List<String> MODELS = List.of("dinghy-qwen", "dinghy-llava");

  private static StudyPlan plan(List<Recipe> recipes, List<Variant> variants, int seeds) {
    return new StudyPlan(MODELS, recipes, List.of(Form.values()), variants, seeds);
  }

  private static List<String> names(StudyPlan plan) {
    return plan.runs().stream().map(StudyRun::name).toList();
  }

  @Test
  void theMostTellingSequencesComeFirst() {
    List<String> names = names(plan(StudyPlan.RECIPES, List.of(Variant.values()), 2));

    assertThat(names).doesNotHaveDuplicates().hasSize(2 * 38);
    assertThat(names.subList(0, 6))
        .containsExactly(
            "dinghy-qwen-sa-proj-lora-plain-1",
            "dinghy-qwen-llm-lora-plain-1",
            "dinghy-qwen-mlp-lora-plain-1",
            "dinghy-qwen-gate-up-lora-plain-1",
            "dinghy-qwen-sa-qkv-lora-plain-1",
            "dinghy-qwen-projector-lora-plain-1");
    assertThat(names.subList(6, 9))
        .containsExactly(
            "dinghy-qwen-sa-proj-lora-rehearsal-1",
            "dinghy-qwen-sa-proj-lora-gated-1",
            "dinghy-llava-sa-proj-lora-plain-1");
    assertThat(names.indexOf("dinghy-llava-sa-proj-lora-gated-1"))
        .isLessThan(names.indexOf("dinghy-qwen-sa-proj-full-plain-1"));
    assertThat(names.indexOf("dinghy-llava-projector-full-plain-1"))
        .isLessThan(names.indexOf("dinghy-qwen-sa-proj-lora-lwf-1"));
    assertThat(names.subList(0, 38)).allMatch(name -> name.endsWith("-1"));
    assertThat(names.subList(38, 76)).allMatch(name -> name.endsWith("-2"));
  }

  @Test
  void whatIsNamedIsRunAndNothingElse() {
    assertThat(names(plan(List.of(Recipe.GATE_UP), List.of(Variant.PLAIN, Variant.LWF), 1)))
        .containsExactly(
            "dinghy-qwen-gate-up-lora-plain-1",
            "dinghy-llava-gate-up-lora-plain-1",
            "dinghy-qwen-gate-up-full-plain-1",
            "dinghy-llava-gate-up-full-plain-1",
            "dinghy-qwen-gate-up-lora-lwf-1",
            "dinghy-llava-gate-up-lora-lwf-1");
    assertThat(names(plan(List.of(Recipe.GATE_UP), List.of(Variant.GATED), 1))).isEmpty();
  }

  @Test
  void namesThatThereAreNotAreRefusedWithThoseThatThereAre() {
    assertThatThrownBy(() -> Variant.of("wise"))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("plain, rehearsal, lwf, wise-ft, gated");
    assertThatThrownBy(() -> Form.of("qlora"))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("lora or full");
    for (Variant variant : Variant.values()) {
      assertThat(Variant.of(variant.toString())).isEqualTo(variant);
    }
  }

  @Test
  void eachVariantTrainsAsItsNameSays() {
    assertThat(setup(Variant.PLAIN).stage())
        .isEqualTo(new StageSettings(0, 2, 1, List.of(1, 10, 100)));
    assertThat(setup(Variant.PLAIN).rehearsal()).isEqualTo(RehearsalSettings.none());
    assertThat(setup(Variant.LWF).stage().lwfWeight()).isEqualTo(1);
    assertThat(setup(Variant.LWF).stage().lwfTemperature()).isEqualTo(2);
    assertThat(setup(Variant.WISE_FT).stage().changeShare()).isEqualTo(0.5);
    assertThat(setup(Variant.REHEARSAL).rehearsal()).isEqualTo(RehearsalSettings.defaults());
    assertThat(setup(Variant.GATED).training().learningRate())
        .isEqualTo(TrainingSettings.defaults().learningRate());
    assertThat(setup(Variant.REHEARSAL).training().learningRate())
        .isEqualTo(setup(Variant.PLAIN).training().learningRate());
  }

  private static TrainingSetup setup(Variant variant) {
    return new StudyRun("dinghy-qwen", Recipe.SA_PROJ, Form.LORA, variant, 3)
        .setup(2, StudyScale.full(), Optional.of(Path.of("before")));
  }

  @Test
  void aStageKnowsItsStepsItsSeedAndWhereItStarts() {
    TrainingSetup stage = setup(Variant.PLAIN);
    assertThat(stage.training().seed()).isEqualTo(32);
    assertThat(stage.training().maxSteps()).isEqualTo(450);
    assertThat(stage.startFrom()).contains(Path.of("before"));
    assertThat(StudyRun.biasSteps(60)).containsExactly(1, 10);
  }

  @Test
  void fullDeltasAreTrainedWholeAtATenthOfTheRate() {
    StudyRun run = new StudyRun("dinghy-qwen", Recipe.PROJECTOR, Form.FULL, Variant.PLAIN, 1);
    TrainingSetup stage = run.setup(1, StudyScale.full().withLearningRate(2e-3), Optional.empty());
    assertThat(stage.lora().rank()).isEqualTo(Rank.FULL);
    // The bundled models' widest square: nothing is cut off.
    assertThat(stage.lora().r()).isEqualTo(512);
    assertThat(stage.training().learningRate()).isCloseTo(2e-4, within(1e-12));
    assertThatThrownBy(() -> StudyScale.full().withLearningRate(0))
        .hasMessageContaining("expected above 0");
  }

  @Test
  void theQuickStudyIsSmallAndSaysSo() {
    StudyScale quick = StudyScale.quick();
    assertThat(quick.concludesNothing()).isTrue();
    assertThat(quick.skills()).hasSize(2);
    assertThat(quick.steps()).isLessThan(StudyScale.full().steps());
    assertThat(StudyScale.full().skills())
        .containsExactly("count", "clock", "species", "number", "gauge");
  }
}
