package io.trimtab.tuning.job;

import io.trimtab.model.RotaryFrequencies;
import java.nio.file.Path;
import java.util.Optional;

/**
 * All that a tuning job needs to know beside its data.
 *
 * @param checkpoint folder of the base model
 * @param rotaryFrequencies as the server has them
 * @param recipe what is tuned
 * @param lora the delta's form
 * @param training how it is trained
 * @param rehearsal what keeps it from forgetting
 * @param startFrom PEFT folder of the delta that a stage of the study goes on from; empty for a new
 *     delta, as all of a server's jobs train
 * @param device {@code cpu} or {@code cuda:N}
 * @param threads of PyTorch; 0 for its own choice
 * @param stage what the study asks for beside that
 */
public record TuningPlan(
    Path checkpoint,
    RotaryFrequencies rotaryFrequencies,
    Recipe recipe,
    LoraSettings lora,
    TrainingSettings training,
    RehearsalSettings rehearsal,
    Optional<Path> startFrom,
    String device,
    int threads,
    StageSettings stage) {
  /** A job as a server has it. */
  public TuningPlan(
      Path checkpoint,
      RotaryFrequencies rotaryFrequencies,
      Recipe recipe,
      LoraSettings lora,
      TrainingSettings training,
      RehearsalSettings rehearsal,
      Optional<Path> startFrom,
      String device,
      int threads) {
    this(
        checkpoint,
        rotaryFrequencies,
        recipe,
        lora,
        training,
        rehearsal,
        startFrom,
        device,
        threads,
        StageSettings.none());
  }
}
