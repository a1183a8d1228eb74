package io.trimtab.serving.console;

import io.trimtab.drift.Divergence;
import io.trimtab.drift.RankedLogprobs;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.ScoreResponse;
import io.trimtab.v1.TokenLogprob;
import java.util.ArrayList;
import java.util.List;

/**
 * How far two models lie apart at each token of a text that both have read: KL(left ‖ right) of
 * their next-token distributions in nats, by the lower bound that the drift watch takes.
 *
 * @param left what the left side was served by, such as {@code base}
 * @param right likewise
 */
public record TokenComparison(String left, String right, List<Place> tokens) {
  /** Alternatives that are told of each side. */
  private static final int SHOWN = 5;

  public TokenComparison {
    tokens = List.copyOf(tokens);
  }

  /**
   * One token.
   *
   * @param text of the token alone
   * @param kl in nats, 0 and above
   */
  public record Place(String text, double kl, Side left, Side right) {}

  /**
   * What one model said at the place.
   *
   * @param probability of the token, 0 to 1
   * @param best its own likeliest tokens, best first
   */
  public record Side(double probability, List<Alternative> best) {}

  /** A token that might have come, and how probable it was. */
  public record Alternative(String text, double probability) {}

  static TokenComparison of(ScoreResponse left, ScoreResponse right) {
    if (left.getTokensCount() != right.getTokensCount()) {
      throw new IllegalStateException(
          "One model read %d tokens, the other %d"
              .formatted(left.getTokensCount(), right.getTokensCount()));
    }
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < left.getTokensCount(); i++) {
      places.add(place(left.getTokens(i), right.getTokens(i)));
    }
    return new TokenComparison(served(left), served(right), places);
  }

  private static Place place(TokenLogprob left, TokenLogprob right) {
    double kl = Divergence.lowerBound(ranked(left), ranked(right));
    if (left.getToken() != right.getToken() || !Double.isFinite(kl)) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "The two models can't be compared at the token '%s': one of them computes no numbers"
              .formatted(left.getText()));
    }
    return new Place(left.getText(), kl, side(left), side(right));
  }

  private static RankedLogprobs ranked(TokenLogprob place) {
    int[] tokens = new int[place.getTopCount()];
    float[] logprobs = new float[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = place.getTop(i).getToken();
      logprobs[i] = place.getTop(i).getLogprob();
    }
    return new RankedLogprobs(tokens, logprobs);
  }

  private static Side side(TokenLogprob place) {
    return new Side(
        Math.exp(place.getLogprob()),
        place.getTopList().stream()
            .limit(SHOWN)
            .map(each -> new Alternative(each.getText(), Math.exp(each.getLogprob())))
            .toList());
  }

  private static String served(ScoreResponse response) {
    int revision = response.getServedBy().getRevision();
    String adapter = response.getServedBy().getAdapter();
    return revision == 0 ? adapter : adapter + "@" + revision;
  }
}
