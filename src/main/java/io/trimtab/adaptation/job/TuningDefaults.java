package io.trimtab.adaptation.job;

import io.trimtab.model.RotaryFrequencies;
import io.trimtab.tuning.job.LoraSettings;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.RehearsalSettings;
import io.trimtab.tuning.job.TrainingSettings;
import io.trimtab.tuning.job.TuningPlan;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How jobs are trained where nobody says otherwise.
 *
 * @param checkpoint folder of the base model
 * @param jobs folder below which each job has one
 * @param rehearsalMax prompts that base answers for a job, from 0
 * @param device {@code cpu} or {@code cuda:N}
 * @param threads of PyTorch; 0 for its own choice
 * @param gateMin different corrections that the gate needs, set aside where there are twice as many
 */
public record TuningDefaults(
    Path checkpoint,
    RotaryFrequencies rotaryFrequencies,
    Path jobs,
    Recipe recipe,
    LoraSettings lora,
    TrainingSettings training,
    RehearsalSettings rehearsal,
    int rehearsalMax,
    String device,
    int threads,
    int gateMin) {
  /** The plan of one job. */
  TuningPlan plan(Recipe wanted, TrainingSettings ordered, Optional<Path> startFrom) {
    return new TuningPlan(
        checkpoint,
        rotaryFrequencies,
        wanted,
        lora,
        ordered,
        rehearsal,
        startFrom,
        device,
        threads);
  }
}
