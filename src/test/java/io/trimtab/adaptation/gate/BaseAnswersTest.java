package io.trimtab.adaptation.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.drift.RankedLogprobs;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Base's answers are kept within two bounds: how many, and how many tokens together. */
class BaseAnswersTest {
  private static final RankedLogprobs TOKEN = new RankedLogprobs(new int[] {1}, new float[] {0});

  private final BaseAnswers kept = new BaseAnswers(3, 10);

  @Test
  void theLeastRecentlyUsedGoesFirst() {
    kept.put("a", answer(1));
    kept.put("b", answer(1));
    kept.put("c", answer(1));
    assertThat(kept.get("a")).isPresent();
    kept.put("d", answer(1));
    assertThat(kept.get("b")).isEmpty();
    assertThat(kept.get("a")).isPresent();
    assertThat(kept.tokens()).isEqualTo(3);
  }

  @Test
  void longAnswersPushOthersOut() {
    kept.put("a", answer(5));
    kept.put("b", answer(5));
    kept.put("c", answer(6));
    assertThat(kept.get("a")).isEmpty();
    assertThat(kept.get("b")).isEmpty();
    assertThat(kept.get("c")).isPresent();
    assertThat(kept.tokens()).isEqualTo(6);
  }

  @Test
  void oneBeyondAllBoundsIsKeptUntilTheNext() {
    kept.put("a", answer(50));
    assertThat(kept.get("a")).isPresent();
    kept.put("b", answer(1));
    assertThat(kept.get("a")).isEmpty();
    assertThat(kept.tokens()).isEqualTo(1);
  }

  @Test
  void theSameInputAgainCountsOnce() {
    kept.put("a", answer(4));
    kept.put("a", answer(2));
    assertThat(kept.tokens()).isEqualTo(2);
  }

  private static BaseAnswer answer(int tokens) {
    return new BaseAnswer(
        "", new Reply("", Optional.empty(), tokens), Collections.nCopies(tokens, TOKEN), List.of());
  }
}
