package io.trimtab.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProblemsTest {
  @Test
  void theFirstAreWordedAndTheOthersCounted() {
    Problems problems = new Problems();
    for (int i = 0; i < 10; i++) {
      problems.add("p" + i);
    }

    assertThat(problems.list())
        .containsExactly("p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "and 2 more");
  }

  @Test
  void shownTextIsOneShortPrintableLine() {
    assertThat(Problems.shown("a\r\nb\u2028\ud800c")).isEqualTo("a??b??c");
    assertThat(Problems.shown("é漢")).isEqualTo("é漢");
    assertThat(Problems.shown("x".repeat(500))).hasSize(161).endsWith("…");
  }
}
