package io.trimtab.serving.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.v1.ScoreResponse;
import io.trimtab.v1.ServedBy;
import io.trimtab.v1.TokenLogprob;
import org.junit.jupiter.api.Test;

class TokenComparisonTest {
  @Test
  void tokensThatBothSaySoLieNowhereApartAndOthersByTheirDivergence() {
    TokenComparison comparison =
        TokenComparison.of(
            response("base", 0, place(1, 0.9, 0.1), place(2, 0.5, 0.5)),
            response("birds", 3, place(1, 0.9, 0.1), place(2, 0.1, 0.9)));
    assertThat(comparison.left()).isEqualTo("base");
    assertThat(comparison.right()).isEqualTo("birds@3");
    assertThat(comparison.tokens().get(0).kl()).isEqualTo(0, within(1e-6));
    // .5 ln(.5 / .1) + .5 ln(.5 / .9), but for what float32 leaves
    assertThat(comparison.tokens().get(1).kl()).isEqualTo(0.5108, within(1e-3));
    assertThat(comparison.tokens().get(1).left().probability()).isEqualTo(0.5, within(1e-6));
    assertThat(comparison.tokens().get(1).right().best().getFirst().text()).isEqualTo("t0");
  }

  @Test
  void whatIsNoNumberIsNoDistance() {
    assertThatThrownBy(
            () ->
                TokenComparison.of(
                    response("base", 0, place(1, 0.9, 0.1)),
                    response("birds", 3, place(1, Double.NaN, 0.1))))
        .hasMessageContaining("computes no numbers");
  }

  @Test
  void textsOfOtherTokensAreNotCompared() {
    assertThatThrownBy(
            () -> TokenComparison.of(response("base", 0, place(1, 0.9, 0.1)), response("birds", 3)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("One model read 1 tokens, the other 0");
  }

  private static ScoreResponse response(String adapter, int revision, TokenLogprob... tokens) {
    ScoreResponse.Builder response =
        ScoreResponse.newBuilder()
            .setServedBy(ServedBy.newBuilder().setAdapter(adapter).setRevision(revision));
    for (TokenLogprob token : tokens) {
      response.addTokens(token);
    }
    return response.build();
  }

  /** The token itself is the first of two. */
  private static TokenLogprob place(int token, double first, double second) {
    return TokenLogprob.newBuilder()
        .setToken(token)
        .setText("t" + token)
        .setLogprob((float) Math.log(first))
        .addTop(alternative(0, first))
        .addTop(alternative(9, second))
        .build();
  }

  private static TokenLogprob alternative(int token, double probability) {
    return TokenLogprob.newBuilder()
        .setToken(token)
        .setText("t" + token)
        .setLogprob((float) Math.log(probability))
        .build();
  }
}
