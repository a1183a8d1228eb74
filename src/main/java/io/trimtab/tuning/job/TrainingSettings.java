package io.trimtab.tuning.job;

import io.trimtab.error.TrimtabException;

/**
 * How a delta is trained, by the names of transformers' TrainingArguments. AdamW (Loshchilov and
 * Hutter, 2019); the learning rate rises linearly over the warm-up and falls along a cosine to 0.
 *
 * @param learningRate the highest, above 0
 * @param weightDecay from 0
 * @param maxGradNorm the gradient's norm is cut to this, above 0
 * @param maxSteps updates, from 1
 * @param batchSize sequences of an update, rehearsal included, from 1
 * @param microBatchSize of those that run at once, from 1; gradients are summed over the others
 * @param warmupRatio share of the steps, 0 to 1
 * @param evalSteps updates between two validations, from 1
 * @param earlyStoppingPatience validations without a better loss before training ends, from 1
 * @param saveSteps updates between two checkpoints, from 1
 * @param seed of the order of examples and of the factors' first values
 */
public record TrainingSettings(
    double learningRate,
    double weightDecay,
    double maxGradNorm,
    int maxSteps,
    int batchSize,
    int microBatchSize,
    double warmupRatio,
    int evalSteps,
    int earlyStoppingPatience,
    int saveSteps,
    long seed) {
  public static final double ADAM_BETA1 = 0.9;
  public static final double ADAM_BETA2 = 0.999;
  public static final double ADAM_EPSILON = 1e-8;

  public TrainingSettings {
    require(learningRate > 0, "learning-rate", learningRate, "above 0");
    require(weightDecay >= 0, "weight-decay", weightDecay, "0 and above");
    require(maxGradNorm > 0, "max-grad-norm", maxGradNorm, "above 0");
    requireCount("max-steps", maxSteps);
    requireCount("batch-size", batchSize);
    requireCount("micro-batch-size", microBatchSize);
    require(warmupRatio >= 0 && warmupRatio <= 1, "warmup-ratio", warmupRatio, "0 to 1");
    requireCount("eval-steps", evalSteps);
    requireCount("early-stopping-patience", earlyStoppingPatience);
    requireCount("save-steps", saveSteps);
  }

  /** What a job is trained with where nobody says otherwise. */
  public static TrainingSettings defaults() {
    return new TrainingSettings(3e-3, 0, 1, 450, 16, 16, 0.03, 50, 4, 50, 1);
  }

  /** These with another highest learning rate. */
  public TrainingSettings withLearningRate(double value) {
    return new TrainingSettings(
        value,
        weightDecay,
        maxGradNorm,
        maxSteps,
        batchSize,
        microBatchSize,
        warmupRatio,
        evalSteps,
        earlyStoppingPatience,
        saveSteps,
        seed);
  }

  /** These with another number of updates at most. */
  public TrainingSettings withMaxSteps(int value) {
    return new TrainingSettings(
        learningRate,
        weightDecay,
        maxGradNorm,
        value,
        batchSize,
        microBatchSize,
        warmupRatio,
        evalSteps,
        earlyStoppingPatience,
        saveSteps,
        seed);
  }

  /** These with another number of sequences in an update; no more run at once than before. */
  public TrainingSettings withBatchSize(int value) {
    return new TrainingSettings(
        learningRate,
        weightDecay,
        maxGradNorm,
        maxSteps,
        value,
        Math.min(microBatchSize, value),
        warmupRatio,
        evalSteps,
        earlyStoppingPatience,
        saveSteps,
        seed);
  }

  /** These with another seed. */
  public TrainingSettings withSeed(long value) {
    return new TrainingSettings(
        learningRate,
        weightDecay,
        maxGradNorm,
        maxSteps,
        batchSize,
        microBatchSize,
        warmupRatio,
        evalSteps,
        earlyStoppingPatience,
        saveSteps,
        value);
  }

  /** The learning rate of a step, from 0. */
  public double learningRateAt(int step) {
    double warmup = Math.ceil(warmupRatio * maxSteps);
    if (step < warmup) {
      return learningRate * (step + 1) / warmup;
    }
    double progress = (step - warmup) / Math.max(1, maxSteps - warmup);
    return learningRate * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
  }

  private static void requireCount(String field, int value) {
    require(value >= 1, field, value, "1 and above");
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.tuning.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
