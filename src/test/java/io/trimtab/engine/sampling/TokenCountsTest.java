package io.trimtab.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TokenCountsTest {
  @Test
  void countsWhatAMapCounts() {
    SplittableRandom random = new SplittableRandom(3);
    TokenCounts counts = new TokenCounts();
    Map<Integer, Integer> expected = new HashMap<>();
    for (int step = 0; step < 20_000; step++) {
      int token = random.nextInt(152_000) >>> random.nextInt(18);
      if (random.nextInt(2) == 0) {
        counts.prompt(token);
        expected.merge(token, 0, Integer::sum);
      } else {
        counts.answer(token);
        expected.merge(token, 1, Integer::sum);
      }
    }
    Map<Integer, Integer> seen = new HashMap<>();
    counts.forEach((token, inAnswer) -> assertThat(seen.put(token, inAnswer)).isNull());
    assertThat(seen).as("seed 3").isEqualTo(expected);
  }
}
