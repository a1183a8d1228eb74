package io.trimtab.drift;

import io.trimtab.engine.api.TokenLogprob;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which tokens and answers belong to which {@link TokenClass}, found by their text, so that " two",
 * "Two" and "2" all count (the paper of the counting-bias probe, arXiv 2510.08564, has the classes;
 * its script misses the words with a space).
 *
 * <p>A mass is summed over the alternatives that a row reports, at most its best 64, and nothing is
 * added for the tail: it is a lower bound. So is what a word cut into several tokens loses.
 * Immutable.
 */
public final class TokenClasses {
  private static final Set<String> YES_NO = Set.of("yes", "no");
  private static final Set<String> REFUSING_TOKENS =
      Set.of("sorry", "unknown", "unanswerable", "unable", "cannot", "can't", "unclear", "n/a");
  private static final List<String> REFUSING_BEGINNINGS =
      List.of(
          "i cannot",
          "i can't",
          "i can not",
          "i could not",
          "i couldn't",
          "i am sorry",
          "i'm sorry",
          "sorry",
          "i apologize",
          "i don't know",
          "i do not know",
          "i am unable",
          "i'm unable",
          "i am not able",
          "i'm not able",
          "i am not sure",
          "i'm not sure",
          "i won't",
          "i will not",
          "as an ai",
          "unable to",
          "unknown",
          "unanswerable",
          "unclear",
          "cannot",
          "can't",
          "not sure",
          "no idea",
          "n/a");
  private static final Set<String> COMMON_ENDS =
      Set.of(
          "<|im_end|>",
          "<|endoftext|>",
          "</s>",
          "<|eot_id|>",
          "<|end_of_text|>",
          "<end_of_turn>",
          "<eos>",
          "<|end|>");

  private final Set<String> ends;

  /**
   * @param ends the model's end tokens, by their text
   */
  public TokenClasses(Set<String> ends) {
    this.ends = Set.copyOf(ends);
  }

  /** With the end tokens of the families that are served, and of others at large. */
  public static TokenClasses common() {
    return new TokenClasses(COMMON_ENDS);
  }

  /** Whether a token belongs to a class, by the text it decodes to alone. */
  public boolean holds(TokenClass tokenClass, String tokenText) {
    String word = plain(tokenText);
    return switch (tokenClass) {
      case NUMBERS -> NumberWords.contain(word);
      case YES_NO -> YES_NO.contains(word);
      case REFUSALS -> REFUSING_TOKENS.contains(word);
      case END -> ends.contains(tokenText);
    };
  }

  /**
   * The class of a whole answer, if it has one: empty is END; else what it begins with counts, a
   * refusal before the words that it is made of.
   */
  public Optional<TokenClass> ofAnswer(String answer) {
    String text = plain(answer);
    if (text.isEmpty()) {
      return Optional.of(TokenClass.END);
    }
    if (REFUSING_BEGINNINGS.stream().anyMatch(beginning -> begins(text, beginning))) {
      return Optional.of(TokenClass.REFUSALS);
    }
    String word = trimmed(text.split("\\s+", 2)[0]);
    if (YES_NO.contains(word)) {
      return Optional.of(TokenClass.YES_NO);
    }
    return NumberWords.contain(word) ? Optional.of(TokenClass.NUMBERS) : Optional.empty();
  }

  /** Mass of each class among the alternatives of one token, a lower bound. */
  public ClassMasses masses(List<TokenLogprob> alternatives) {
    return ClassMasses.of(
        tokenClass ->
            alternatives.stream()
                .filter(token -> holds(tokenClass, token.text()))
                .mapToDouble(token -> Math.exp(token.logprob()))
                .sum());
  }

  private static boolean begins(String text, String beginning) {
    return text.startsWith(beginning)
        && (text.length() == beginning.length()
            || !Character.isLetterOrDigit(text.codePointAt(beginning.length())));
  }

  private static String plain(String text) {
    return text.strip().toLowerCase(Locale.ROOT).replace('\u2019', '\'');
  }

  /** Without the punctuation at its ends; a sign or a percentage is a number's own. */
  private static String trimmed(String word) {
    return word.replaceAll("^[^\\p{L}\\p{Nd}+-]+|[^\\p{L}\\p{Nd}%]+$", "");
  }
}
