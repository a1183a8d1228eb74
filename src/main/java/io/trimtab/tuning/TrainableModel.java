package io.trimtab.tuning;

import io.trimtab.tuning.job.TrainingSequence;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A frozen language model with a delta that learns. Owned by one thread; a handle on native memory
 * that must be closed.
 */
interface TrainableModel extends AutoCloseable {
  /**
   * Losses of some sequences, summed.
   *
   * @param loss sum over answer tokens, nats
   * @param answerTokens how many
   * @param exactMatches sequences whose every answer token is the likeliest one
   */
  record Losses(double loss, int answerTokens, int exactMatches) {
    static final Losses NONE = new Losses(0, 0, 0);

    Losses plus(Losses other) {
      return new Losses(
          loss + other.loss, answerTokens + other.answerTokens, exactMatches + other.exactMatches);
    }
  }

  /**
   * Adds the gradient of {@code weight} times the summed cross-entropy at the answers' tokens.
   * Sequences of any lengths; all run at once.
   */
  Losses learn(List<TrainingSequence> sequences, double weight);

  /**
   * Adds the gradient of {@code weight} times the summed KL(base ‖ tuned) at the answers' tokens,
   * both at that temperature. The loss returned is the KL.
   */
  Losses rehearse(List<TrainingSequence> sequences, double weight, double temperature);

  /**
   * Adds the gradient of {@code weight} times the summed cross-entropy at the answers' tokens and
   * {@code ratio} times KL(start ‖ tuned) there, both distributions at that temperature, where the
   * start is this model as it was opened. The loss returned is that sum, unweighted.
   */
  Losses distil(List<TrainingSequence> sequences, double weight, double ratio, double temperature);

  /** Cross-entropy without a gradient. */
  Losses evaluate(List<TrainingSequence> sequences);

  /**
   * One update of AdamW from the gradients gathered, which are cut to the norm and then cleared.
   *
   * @return the norm before the cut; NaN or infinite where it is, and nothing is updated then
   */
  double update(double learningRate, double weightDecay, double maxGradNorm);

  /** Writes parameters, moments and the number of updates: safetensors, one file. */
  void save(Path file) throws IOException;

  /** Reads what {@link #save} wrote. */
  void restore(Path file) throws IOException;

  /**
   * Writes the delta as a PEFT folder: adapter_config.json and adapter_model.safetensors; of the
   * change since it was opened, the share that its stage says.
   */
  void writeDelta(Path folder) throws IOException;

  @Override
  void close();
}
