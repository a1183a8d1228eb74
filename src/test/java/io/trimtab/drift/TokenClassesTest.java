package io.trimtab.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.api.TokenLogprob;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What counts as a number, a yes or no, a refusal and an end, as a token and as an answer. */
class TokenClassesTest {
  private static final TokenClasses CLASSES = TokenClasses.common();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2",
        " 2",
        "42",
        " two",
        "Two",
        "TWO",
        "twelfth",
        " First",
        "twenty-one",
        "billion",
        "3rd",
        "1,000",
        "4:35",
        "50%",
        "-3",
        "２",
        "hundredth"
      })
  void numbersWithAndWithoutSpaceInAnyCaseAreNumbers(String token) {
    assertThat(CLASSES.holds(TokenClass.NUMBERS, token)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "-", "to", "tow", "someone", "often", "x2", "a", ":", "twenty-", "th"})
  void otherTokensAreNoNumbers(String token) {
    assertThat(CLASSES.holds(TokenClass.NUMBERS, token)).isFalse();
  }

  @Test
  void yesNoRefusalsAndEndsAreFoundByTheirText() {
    assertThat(CLASSES.holds(TokenClass.YES_NO, " Yes")).isTrue();
    assertThat(CLASSES.holds(TokenClass.YES_NO, "north")).isFalse();
    assertThat(CLASSES.holds(TokenClass.REFUSALS, " cannot")).isTrue();
    assertThat(CLASSES.holds(TokenClass.END, "<|im_end|>")).isTrue();
    assertThat(CLASSES.holds(TokenClass.END, "")).isFalse();
    assertThat(new TokenClasses(Set.of("<stop>")).holds(TokenClass.END, "<stop>")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "Three.", " 4:35.", "Two red circles", "(7)", "10 %", "3rd floor"})
  void anAnswerThatBeginsWithANumberIsOne(String answer) {
    assertThat(CLASSES.ofAnswer(answer)).contains(TokenClass.NUMBERS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "I cannot see it.",
        "I’m sorry, but",
        "Unknown.",
        "unanswerable",
        "Sorry!",
        "No idea",
        "N/A"
      })
  void anAnswerThatDeclinesIsARefusal(String answer) {
    assertThat(CLASSES.ofAnswer(answer)).contains(TokenClass.REFUSALS);
  }

  @Test
  void anAnswerHasOneClassAtMost() {
    assertThat(CLASSES.ofAnswer("Yes, there are 3.")).contains(TokenClass.YES_NO);
    assertThat(CLASSES.ofAnswer("no")).contains(TokenClass.YES_NO);
    assertThat(CLASSES.ofAnswer(" \n")).contains(TokenClass.END);
    for (String other : List.of("red", "a circle", "north-east", "Unknownish", "...")) {
      assertThat(CLASSES.ofAnswer(other)).as(other).isEqualTo(Optional.empty());
    }
  }

  @Test
  void theMassIsThatOfTheAlternativesAndNothingForTheTail() {
    ClassMasses masses =
        CLASSES.masses(
            List.of(
                token(1, " two", 0.5),
                token(2, "2", 0.2),
                token(3, "Yes", 0.1),
                token(4, "<|im_end|>", 0.05),
                token(5, "red", 0.05)));
    assertThat(masses.numbers()).isCloseTo(0.7, within(1e-6));
    assertThat(masses.yesNo()).isCloseTo(0.1, within(1e-6));
    assertThat(masses.end()).isCloseTo(0.05, within(1e-6));
    assertThat(masses.refusals()).isZero();
  }

  private static TokenLogprob token(int id, String text, double probability) {
    return new TokenLogprob(id, text, (float) Math.log(probability), List.of());
  }
}
