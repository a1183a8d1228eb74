package io.trimtab.tuning.job;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.RotaryFrequencies;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TuningPlan} as job.json has it, without its stage: names as in configuration, paths
 * absolute.
 */
record PlanJson(
    int format,
    String checkpoint,
    String rotaryFrequencies,
    String recipe,
    LoraSettings lora,
    TrainingSettings training,
    RehearsalSettings rehearsal,
    @JsonSetter(nulls = Nulls.SET) @Nullable String startFrom,
    String device,
    int threads) {
  /** Grows with every change of what is written. */
  static final int FORMAT = 1;

  PlanJson {
    if (format != FORMAT) {
      throw TrimtabException.invalid("the format is %d, expected %d".formatted(format, FORMAT));
    }
  }

  static PlanJson of(TuningPlan plan) {
    return new PlanJson(
        FORMAT,
        absolute(plan.checkpoint()),
        plan.rotaryFrequencies().name().toLowerCase(Locale.ROOT),
        plan.recipe().wireName(),
        plan.lora(),
        plan.training(),
        plan.rehearsal(),
        plan.startFrom().map(PlanJson::absolute).orElse(null),
        plan.device(),
        plan.threads());
  }

  TuningPlan plan(StageSettings stage) {
    return new TuningPlan(
        Path.of(checkpoint),
        RotaryFrequencies.of(rotaryFrequencies),
        Recipe.of(recipe),
        lora,
        training,
        rehearsal,
        Optional.ofNullable(startFrom).map(Path::of),
        device,
        threads,
        stage);
  }

  /** The trainer need not stand in the folder that the server stands in. */
  private static String absolute(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }
}
