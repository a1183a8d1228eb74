package io.trimtab.world;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Questions that only want a word back: each word that a skill needs has been said before. */
final class Saying {
  private static final List<String> NOUNS =
      Stream.of(Sign.WORDS.stream(), names(Figure.values()), names(Ink.values()))
          .flatMap(words -> words)
          .toList();

  private Saying() {}

  static Question any(Dice dice) {
    String word = word(dice);
    return new Question("say", "%s %s.".formatted(dice.pick("Say", "Repeat"), word), word);
  }

  private static String word(Dice dice) {
    return switch (dice.below(6)) {
      case 0 -> Integer.toString(1 + dice.below(9));
      case 1 -> "%d:%02d".formatted(1 + dice.below(12), dice.below(12) * 5);
      case 2 -> dice.pick(Species.values()).toString();
      case 3 -> "%03d".formatted(dice.below(1000));
      case 4 -> Integer.toString(dice.below(11) * 10);
      default -> dice.pick(NOUNS);
    };
  }

  private static Stream<String> names(Enum<?>[] values) {
    return Arrays.stream(values).map(Enum::toString);
  }
}
