package io.trimtab.study;

import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.TrainingSettings;

/** How a candidate is trained. */
record Schooling(Recipe recipe, TrainingSettings training, RehearsalSettings rehearsal) {
  /** As the server trains where nobody says otherwise. */
  static Schooling usual(int steps) {
    return new Schooling(
        Recipe.SA_PROJ,
        TrainingSettings.defaults().withMaxSteps(steps),
        RehearsalSettings.defaults());
  }

  Schooling with(TrainingSettings other) {
    return new Schooling(recipe, other, rehearsal);
  }

  Schooling with(Recipe other) {
    return new Schooling(other, training, rehearsal);
  }

  Schooling with(RehearsalSettings other) {
    return new Schooling(recipe, training, other);
  }
}
