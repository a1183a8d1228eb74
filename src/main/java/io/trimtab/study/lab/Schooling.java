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
public record Schooling(
    Recipe recipe,
    LoraSettings lora,
    TrainingSettings training,
    RehearsalSettings rehearsal,
    Optional<Path> startFrom,
    StageSettings stage) {
  Schooling(Recipe recipe, TrainingSettings training, RehearsalSettings rehearsal) {
    this(
        recipe,
        LoraSettings.defaults(),
        training,
        rehearsal,
        Optional.empty(),
        StageSettings.none());
  }

  /** As the server trains where nobody says otherwise. */
  public static Schooling usual(int steps) {
    return new Schooling(
        Recipe.SA_PROJ,
        TrainingSettings.defaults().withMaxSteps(steps),
        RehearsalSettings.defaults());
  }

  public Schooling with(TrainingSettings other) {
    return new Schooling(recipe, lora, other, rehearsal, startFrom, stage);
  }

  public Schooling with(Recipe other) {
    return new Schooling(other, lora, training, rehearsal, startFrom, stage);
  }

  public Schooling with(RehearsalSettings other) {
    return new Schooling(recipe, lora, training, other, startFrom, stage);
  }
}
