package io.trimtab.study.plan;

import io.trimtab.study.lab.TrainingSetup;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.TrainingSettings;
import io.trimtab.world.Skill;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A sequence: the skills tuned one after the other, in one way.
 *
 * @param model a bundled model
 * @param seed of the examples, their order, and a new delta's first values
 */
public record StudyRun(String model, Recipe recipe, Form form, Variant variant, long seed) {
  /** Beside the end, the paper's steps; its fourth, 1000, is beyond a stage here. */
  private static final List<Integer> BIAS_STEPS = List.of(1, 10, 100);

  /** Of its own, and the same for the same run. */
  public String name() {
    return "%s-%d".formatted(group(), seed);
  }

  /** The same for all seeds. */
  public String group() {
    return "%s-%s-%s-%s".formatted(model, recipe.wireName(), form, variant);
  }

  /**
   * A stage's name, of its own.
   *
   * @param stage from 1
   */
  public String stageName(int stage, Skill skill) {
    return "%s-%d-%s".formatted(name(), stage, skill.task());
  }

  /** The updates after which the counting bias is measured, before the last. */
  public static List<Integer> biasSteps(int steps) {
    return BIAS_STEPS.stream().filter(step -> step < steps).toList();
  }

  public TrainingSetup setup(int stage, StudyScale scale, Optional<Path> startFrom) {
    TrainingSettings usual = TrainingSettings.defaults();
    return new TrainingSetup(
        recipe,
        form.lora(recipe.reachesProjector()),
        usual
            .withLearningRate(
                variant == Variant.GATED
                    ? usual.learningRate()
                    : form.learningRate(scale.learningRate()))
            .withMaxSteps(scale.steps())
            .withSeed(10 * seed + stage),
        variant.rehearsal(),
        startFrom,
        variant.stage(biasSteps(scale.steps())));
  }
}
