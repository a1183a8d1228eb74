package io.trimtab.tuning;

import io.trimtab.tuning.job.PictureFeatures;
import io.trimtab.tuning.job.TuningPlan;
import java.util.function.Function;

/** Opens the model of a plan, its delta as training begins. */
interface TrainableModels {
  TrainableModel open(TuningPlan plan, Function<String, PictureFeatures> pictures);
}
