package io.trimtab.adaptation.gate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTextTest {
  @ParameterizedTest
  @CsvSource({
    "' Blue. ', blue",
    "BLUE ., blue",
    "blue.., blue.",
    "a bird, a bird",
    // The accent by itself, as some keyboards and file systems have it.
    "'Cafe\u0301.', caf\u00e9",
    "'\u1100\u1161', \uac00",
  })
  void whatIsTheSameAnswerIsTheSameText(String answer, String same) {
    assertThat(AnswerText.normal(answer)).isEqualTo(same);
  }
}
