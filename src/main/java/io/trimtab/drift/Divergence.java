package io.trimtab.drift;

/**
 * KL(base ‖ tuned) of one token's distribution, in nats, from the best tokens of both rows.
 *
 * <p>Joining tokens into buckets never raises a KL divergence (log sum inequality; Cover and
 * Thomas, Elements of Information Theory, theorem 2.7.1), so this sum is a lower bound of the true
 * one. The buckets: every token that both rows name, by itself; those that base alone names,
 * together (B); all others, the tail (R):
 *
 * <pre>Σ p log(p/q)  +  p_B log(p_B/q_B)  +  p_R log(p_R/q_R)</pre>
 *
 * The tuned row does not say q_B, but that none of these tokens is likelier than its last named
 * one. Of all splits of the remaining q that respect this, the one with the least KL is taken: in
 * proportion to p, or at the bound.
 */
public final class Divergence {
  /** What float32 log-probabilities of a row leave of 1 by rounding alone. */
  private static final double ROUNDING = 1e-6;

  private Divergence() {}

  /** 0 for equal rows; NaN where a log-probability is no number. */
  public static double lowerBound(RankedLogprobs base, RankedLogprobs tuned) {
    double sum = 0;
    double baseRest = 1;
    double tunedRest = 1;
    double baseAlone = 0;
    int alone = 0;
    for (int i = 0; i < base.size(); i++) {
      double logp = base.logprobs()[i];
      int rank = tuned.rankOf(base.tokens()[i]);
      baseRest -= Math.exp(logp);
      if (rank < 0) {
        baseAlone += Math.exp(logp);
        alone++;
      } else {
        double logq = tuned.logprobs()[rank];
        // A token that is impossible in base adds nothing, whatever the tuned model says.
        sum += logp == Double.NEGATIVE_INFINITY ? 0 : Math.exp(logp) * (logp - logq);
        tunedRest -= Math.exp(logq);
      }
    }
    double tail = Math.max(baseRest, ROUNDING);
    double left = Math.max(tunedRest, 2 * ROUNDING);
    double bound = alone * least(tuned);
    double tunedAlone = Math.min(bound, left * baseAlone / (baseAlone + tail));
    sum += alone == 0 ? 0 : term(baseAlone, Math.max(tunedAlone, ROUNDING));
    sum += term(tail, Math.max(left - tunedAlone, ROUNDING));
    return Double.isNaN(sum) ? Double.NaN : Math.max(0, sum);
  }

  private static double term(double p, double q) {
    return p == 0 ? 0 : p * Math.log(p / q);
  }

  private static double least(RankedLogprobs row) {
    return row.size() == 0 ? 1 : Math.exp(row.logprobs()[row.size() - 1]);
  }
}
