package io.trimtab.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adapter.peft.PythonPattern.Budget;
import io.trimtab.error.TrimtabException;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PythonPatternTest {
  private static final String NAME = "model.language_model.layers.10.self_attn.q_proj";

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".*",
        ".*q_proj",
        ".*\\.(q_proj|k_proj)",
        "^model\\.(?:language_model\\.)?layers\\.\\d+\\..*$",
        "^(?!.*visual).*(?:q_proj|v_proj).*",
        "(?:.*?(?:language|text).*?(?:self_attn|attn).*?(?:q_proj|k_proj).*?)|(?:\\bx\\b)",
        "(?i)MODEL.*Q_PROJ",
        "(?P<head>model).*layers\\.(1[0-9]|2)\\.[^.]*\\.[a-z_]{1,6}",
        "\\Amodel[.]\\w+[.]layers[.]1{1}0{,1}[.].*_proj\\Z",
        ".*(?<=attn\\.)q_proj",
        ".*(?<!mlp\\.)q_proj",
        "(model|\\.|[]a-z_]|\\d|)*",
        "model.(l|la|lan|language|_)*model.*"
      })
  void matchesAsPythonDoes(String pattern) {
    assertThat(PythonPattern.compile(pattern, new PatternSize()).matches(NAME, budget())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "q_proj",
        ".*\\.q",
        "model",
        ".*layers\\.1\\..*",
        "(?!model).*",
        ".*(?<!attn\\.)q_proj",
        "MODEL.*",
        "[^m].*",
        ".*q_proj{2}",
        "\\W.*",
        ".*\\bproj"
      })
  void matchesTheWholeNameOrNot(String pattern) {
    assertThat(PythonPattern.compile(pattern, new PatternSize()).matches(NAME, budget())).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "(a without",
        "a) without",
        "[a without",
        "*a nothing",
        "a** possessive",
        "a++ possessive",
        "(?>a) served",
        "(a)\\1 escape",
        "(?P=n) served",
        "a{3,2} least",
        "\\p{L} escape",
        "[z-a] range",
        "((a{99}){99}){99} large",
        "a\\ backslash"
      })
  void refusesWhatIsNotServed(String pattern, String word) {
    assertThatThrownBy(() -> PythonPattern.compile(pattern, new PatternSize()))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining(word);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a*)*b",
        "(a|a)*b",
        "(a?){60}a{60}b",
        ".*(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(|)(?!)",
        "((((.*)*)*)*)*b"
      })
  void patternsMadeToExplodeDoNot(String pattern) {
    assertThat(PythonPattern.compile(pattern, new PatternSize()).matches("a".repeat(80), budget()))
        .isFalse();
  }

  @Test
  void theBudgetEnds() {
    PythonPattern pattern = PythonPattern.compile("(.*.*.*){50}x", new PatternSize());

    assertThatThrownBy(() -> pattern.matches(NAME, new Budget(10_000)))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("too long");
  }

  /** On what both languages share, the backtracking matcher is the reference. */
  @Test
  void agreesWithJavaOnRandomPatterns() {
    long seed = 20_260;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      String pattern = pattern(random, 3);
      String name = name(random);
      assertThat(PythonPattern.compile(pattern, new PatternSize()).matches(name, budget()))
          .as("seed %d: %s on %s", seed, pattern, name)
          .isEqualTo(Pattern.compile(pattern).matcher(name).matches());
    }
  }

  private static String pattern(Random random, int depth) {
    if (depth == 0) {
      String[] atoms = {"a", "b", ".", "\\.", "[ab]", "[^a]", "\\w", "^", "$", "\\b", ""};
      return atoms[random.nextInt(atoms.length)];
    }
    String inner = pattern(random, depth - 1);
    return switch (random.nextInt(9)) {
      case 0 -> "(?:" + inner + ")*";
      case 1 -> "(?:" + inner + ")+?";
      case 2 -> "(" + inner + ")?";
      case 3 -> "(?:" + inner + "){1,2}";
      case 4 -> "(?=" + inner + ")";
      case 5 -> "(?!" + inner + ")";
      case 6 -> "(?:" + inner + "|" + pattern(random, depth - 1) + ")";
      default -> inner + pattern(random, depth - 1);
    };
  }

  private static String name(Random random) {
    StringBuilder name = new StringBuilder();
    for (int length = random.nextInt(6); length > 0; length--) {
      name.append("ab.".charAt(random.nextInt(3)));
    }
    return name.toString();
  }

  private static Budget budget() {
    return new Budget(2_000_000);
  }

  /** Fourteen characters that become twenty thousand steps, inside a lookahead and out of it. */
  @ParameterizedTest
  @ValueSource(strings = {"(?=a{0,9999})", "a{9000}"})
  void patternsAreBoundedTogether(String part) {
    assertThatThrownBy(() -> PythonPattern.compile(part.repeat(500), new PatternSize()))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining("too large once");
    PatternSize shared = new PatternSize();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 500; i++) {
                PythonPattern.compile(part, shared);
              }
            })
        .hasMessageContaining("too large once");
  }
}
