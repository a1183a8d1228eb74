package io.trimtab.engine.sampling;

import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.engine.constraint.TokenConstraint;
import io.trimtab.model.text.TokenTextStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Log-probabilities under a constraint: the model's own distribution without the tokens that may
 * not come, made to sum to 1 again, before temperature and penalties. As vLLM has it, which masks
 * logits before it computes log-probabilities.
 */
public final class AdmittedLogprobs {
  /**
   * What the tokens behind the best may weigh without being looked at, against what is admitted.
   */
  private static final double TAIL_MAX = 1e-5;

  /** The graph's logsumexp is in float32. */
  private static final double MASS_ERROR = 2e-6;

  /** Tokens so many nats below the best add nothing: 10^11 of them less than a float32 shows. */
  private static final double DEPTH_MAX = 45;

  private AdmittedLogprobs() {}

  /** The token as the constraint sees it before it moves on; the row has FULL coverage. */
  public static TokenLogprob of(
      int token,
      LogitsRow row,
      TokenConstraint constraint,
      SamplingWorkspace workspace,
      TokenTextStream texts,
      int alternatives) {
    double ofBest = alternatives == 0 ? logsumexpOfBest(row, constraint) : Double.NaN;
    if (!Double.isNaN(ofBest)) {
      return logprob(token, row.logit(token), ofBest, texts, List.of());
    }
    row.copyTo(workspace.logits, row.vocabulary());
    constraint.mask(workspace.logits, row.vocabulary());
    double logsumexp = logsumexp(workspace.logits, row.vocabulary());
    List<TokenLogprob> top = new ArrayList<>(alternatives);
    for (int id : best(workspace.logits, row.vocabulary(), alternatives)) {
      top.add(logprob(id, workspace.logits[id], logsumexp, texts, List.of()));
    }
    return logprob(token, workspace.logits[token], logsumexp, texts, top);
  }

  /** From the best alone, or NaN where those behind them may matter. */
  private static double logsumexpOfBest(LogitsRow row, TokenConstraint constraint) {
    double all = 0;
    double admitted = 0;
    for (int rank = 0; rank < row.bests(); rank++) {
      double mass = Math.exp(row.bestLogit(rank) - (double) row.logsumexp());
      all += mass;
      admitted += mass > 0 && constraint.admits(row.bestId(rank)) ? mass : 0;
    }
    double tail = Math.max(0, 1 - all) + MASS_ERROR;
    return tail <= TAIL_MAX * admitted ? row.logsumexp() + Math.log(admitted) : Double.NaN;
  }

  private static double logsumexp(float[] logits, int size) {
    float best = Float.NEGATIVE_INFINITY;
    for (int id = 0; id < size; id++) {
      best = Math.max(best, logits[id]);
    }
    double sum = 0;
    for (int id = 0; id < size; id++) {
      if (logits[id] > best - DEPTH_MAX) {
        sum += Math.exp(logits[id] - (double) best);
      }
    }
    return best + Math.log(sum);
  }

  /** Ids of the highest logits above -infinity, best first, the lowest id first among equals. */
  private static List<Integer> best(float[] logits, int size, int count) {
    Comparator<Integer> order =
        Comparator.<Integer>comparingDouble(id -> -logits[id]).thenComparing(id -> id);
    PriorityQueue<Integer> kept = new PriorityQueue<>(count + 1, order.reversed());
    for (int id = 0; id < size && count > 0; id++) {
      boolean counts =
          logits[id] > Float.NEGATIVE_INFINITY
              && (kept.size() < count || logits[id] > logits[kept.element()]);
      if (counts) {
        kept.add(id);
        if (kept.size() > count) {
          kept.remove();
        }
      }
    }
    return kept.stream().sorted(order).toList();
  }

  private static TokenLogprob logprob(
      int id, float logit, double logsumexp, TokenTextStream texts, List<TokenLogprob> top) {
    float logprob = (float) Math.min(0, logit - logsumexp);
    return new TokenLogprob(id, texts.textOf(id), logprob, top);
  }
}
