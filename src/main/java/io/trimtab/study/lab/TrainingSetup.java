package io.trimtab.study.lab;

import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.StageSettings;
import io.trimtab.tuning.job.TrainingSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a candidate is trained.
 *
 * @param startFrom PEFT folder of the delta that it goes on from
 */
public record TrainingSetup(
    Recipe recipe,
    LoraSettings lora,
    TrainingSettings training,
    RehearsalSettings rehearsal,
    Optional<Path> startFrom,
    StageSettings stage) {
  TrainingSetup(Recipe recipe, TrainingSettings training, RehearsalSettings rehearsal) {
    this(
        recipe,
        LoraSettings.defaults(),
        training,
        rehearsal,
        Optional.empty(),
        StageSettings.none());
  }

  /** As the server trains where nobody says otherwise. */
  public static TrainingSetup usual(int steps) {
    return new TrainingSetup(
        Recipe.SA_PROJ,
        TrainingSettings.defaults().withMaxSteps(steps),
        RehearsalSettings.defaults());
  }

  public TrainingSetup with(TrainingSettings other) {
    return new TrainingSetup(recipe, lora, other, rehearsal, startFrom, stage);
  }

  public TrainingSetup with(Recipe other) {
    return new TrainingSetup(other, lora, training, rehearsal, startFrom, stage);
  }

  public TrainingSetup with(RehearsalSettings other) {
    return new TrainingSetup(recipe, lora, training, other, startFrom, stage);
  }
}
