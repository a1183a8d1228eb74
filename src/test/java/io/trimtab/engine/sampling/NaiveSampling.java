package io.trimtab.engine.sampling;

import io.trimtab.engine.api.SamplingParameters;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The definition of sampling, over whole arrays in double precision and with a full sort; edited
 * logits are rounded to float32 once, as a row of logits is.
 */
record NaiveSampling(List<Integer> ranked, double[] probabilities, double margin) {
  /**
   * What is left of a row and how probable it is.
   *
   * @param answer tokens accepted so far
   */
  static NaiveSampling of(
      float[] row, SamplingParameters how, int[] prompt, int[] endTokens, int[] answer) {
    double[] logits = edited(row, how, prompt, endTokens, answer);
    List<Integer> ranked =
        IntStream.range(0, row.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer id) -> -logits[id]))
            .toList();
    double[] weights =
        ranked.stream()
            .mapToDouble(id -> (logits[id] - logits[ranked.getFirst()]) / how.temperature())
            .map(Math::exp)
            .toArray();
    double margin = 1;
    for (int rank = 0; rank < weights.length; rank++) {
      margin = how.minP() > 0 ? Math.min(margin, Math.abs(weights[rank] - how.minP())) : margin;
      if (weights[rank] < how.minP() || (how.topK() > 0 && rank >= how.topK())) {
        weights[rank] = 0;
      }
    }
    double total = Arrays.stream(weights).sum();
    double before = 0;
    for (int rank = 0; rank < weights.length; rank++) {
      double weight = weights[rank];
      if (how.topP() < 1) {
        margin = Math.min(margin, Math.abs(before / total - how.topP()));
        weights[rank] = before / total < how.topP() ? weight : 0;
      }
      before += weight;
    }
    double kept = Arrays.stream(weights).sum();
    return new NaiveSampling(ranked, Arrays.stream(weights).map(w -> w / kept).toArray(), margin);
  }

  /** The token at this place of the cumulative distribution, best first. */
  int draw(double uniform) {
    double reached = 0;
    int drawn = ranked.getFirst();
    for (int rank = 0; rank < probabilities.length && reached <= uniform; rank++) {
      reached += probabilities[rank];
      drawn = probabilities[rank] > 0 ? ranked.get(rank) : drawn;
    }
    return drawn;
  }

  /** How far the nearest boundary is: below some rounding either answer is right. */
  double distance(double uniform) {
    double reached = 0;
    double nearest = margin;
    for (double probability : probabilities) {
      reached += probability;
      nearest = Math.min(nearest, Math.abs(reached - uniform));
    }
    return nearest;
  }

  double probability(int id) {
    return probabilities[ranked.indexOf(id)];
  }

  private static double[] edited(
      float[] row, SamplingParameters how, int[] prompt, int[] endTokens, int[] answer) {
    double[] logits = new double[row.length];
    for (int id = 0; id < row.length; id++) {
      int token = id;
      float logit = (float) (row[id] + (double) how.logitBias().getOrDefault(id, 0f));
      boolean ends =
          how.stopTokenIds().contains(id) || Arrays.stream(endTokens).anyMatch(t -> t == token);
      if (answer.length < how.minTokens() && ends) {
        logits[id] = Double.NEGATIVE_INFINITY;
        continue;
      }
      long said = Arrays.stream(answer).filter(t -> t == token).count();
      double penalized = logit;
      if (said > 0 || Arrays.stream(prompt).anyMatch(t -> t == token)) {
        penalized =
            logit > 0
                ? logit / (double) how.repetitionPenalty()
                : logit * (double) how.repetitionPenalty();
      }
      penalized -= said * (double) how.frequencyPenalty();
      penalized -= said > 0 ? how.presencePenalty() : 0;
      logits[id] = (float) penalized;
    }
    return logits;
  }
}
