package io.trimtab.tuning.job;

import io.trimtab.error.TrimtabException;

/**
 * Who hears of a job: any number of {@code step} and {@code validated}, then exactly one of {@code
 * finished} and {@code failed}. Called by one thread at a time. A trainer that was killed goes on
 * from its checkpoint, so that steps and validations after it come a second time. When the server
 * itself ends, nothing more is heard: the job is not over. A listener that throws has its trainer
 * killed and hears {@code failed} as INTERNAL.
 */
public interface TuningListener {
  /**
   * After an update.
   *
   * @param step updates done, from 1
   * @param steps updates at most
   * @param trainLoss mean cross-entropy of the batch's examples, nats a token
   * @param tokensPerSecond sequence tokens trained a second of work, pauses not counted
   */
  record Step(int step, int steps, double trainLoss, double tokensPerSecond) {}

  /**
   * After a validation.
   *
   * @param loss mean cross-entropy over the validation examples' answer tokens, nats
   * @param exactMatch share of validation examples whose every answer token is the likeliest one
   */
  record Validation(int step, double loss, double exactMatch) {}

  /**
   * The end of a job that went well; the delta is in the folder.
   *
   * @param steps updates done
   * @param bestStep the step whose delta it is, from 1
   * @param validationLoss of that step, nats a token; NaN where there was nothing to validate on
   * @param peakBytes the trainer's resident memory at its highest; 0 where the system does not tell
   * @param seconds of work, pauses not counted; what a killed trainer did after its last checkpoint
   *     is not counted either
   * @param pausedSeconds that the trainer was held
   */
  record Outcome(
      int steps,
      int bestStep,
      double validationLoss,
      long peakBytes,
      double seconds,
      double pausedSeconds) {}

  void step(Step step);

  void validated(Validation validation);

  void finished(Outcome outcome);

  /**
   * CANCELLED when stopped, RESOURCE_EXHAUSTED when out of memory, UNAVAILABLE for a device that is
   * gone, else INVALID_ARGUMENT or INTERNAL.
   */
  void failed(TrimtabException reason);
}
