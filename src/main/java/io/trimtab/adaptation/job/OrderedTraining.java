package io.trimtab.adaptation.job;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.TrainingSettings;
import org.jspecify.annotations.Nullable;

/**
 * Settings of training that a job was asked to have, by OpenAI's names; null is the server's own.
 *
 * @param nEpochs times that each example is trained on at most, 1 to {@value #EPOCHS_MAX};
 *     validation may end training before
 * @param learningRateMultiplier of the server's highest learning rate, above 0 and at most {@value
 *     #MULTIPLIER_MAX}
 * @param batchSize examples of an update, rehearsal not counted, 1 to {@value #BATCH_MAX}
 * @param seed of the order of examples and of the delta's first values
 */
public record OrderedTraining(
    @JsonSetter(nulls = Nulls.SET) @Nullable Integer nEpochs,
    @JsonSetter(nulls = Nulls.SET) @Nullable Double learningRateMultiplier,
    @JsonSetter(nulls = Nulls.SET) @Nullable Integer batchSize,
    @JsonSetter(nulls = Nulls.SET) @Nullable Long seed) {
  public static final int EPOCHS_MAX = 50;
  public static final int BATCH_MAX = 256;
  public static final double MULTIPLIER_MAX = 100;

  /** Everything as the server has it. */
  public static final OrderedTraining USUAL = new OrderedTraining(null, null, null, null);

  public OrderedTraining {
    require(nEpochs == null || (nEpochs >= 1 && nEpochs <= EPOCHS_MAX), "n_epochs", nEpochs);
    require(
        batchSize == null || (batchSize >= 1 && batchSize <= BATCH_MAX), "batch_size", batchSize);
    require(
        learningRateMultiplier == null
            || (learningRateMultiplier > 0 && learningRateMultiplier <= MULTIPLIER_MAX),
        "learning_rate_multiplier",
        learningRateMultiplier);
  }

  /**
   * The settings of a job.
   *
   * @param usual the server's
   * @param rehearsed share of every update that is rehearsal, 0 to below 1
   * @param examples to train on
   */
  TrainingSettings over(TrainingSettings usual, double rehearsed, int examples) {
    TrainingSettings settings = usual;
    if (batchSize != null) {
      settings = settings.withBatchSize((int) Math.round(batchSize / (1 - rehearsed)));
    }
    if (nEpochs != null) {
      double each = Math.max(1, Math.round((1 - rehearsed) * settings.batchSize()));
      settings = settings.withMaxSteps((int) Math.ceil(nEpochs * Math.max(1, examples) / each));
    }
    if (learningRateMultiplier != null) {
      settings = settings.withLearningRate(usual.learningRate() * learningRateMultiplier);
    }
    return seed == null ? settings : settings.withSeed(seed);
  }

  private static void require(boolean holds, String field, @Nullable Object value) {
    if (!holds) {
      throw TrimtabException.invalid("%s is %s, which is out of range".formatted(field, value));
    }
  }
}
