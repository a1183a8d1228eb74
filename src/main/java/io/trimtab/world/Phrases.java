package io.trimtab.world;

import java.util.List;

/** Words that questions about different things have in common. */
final class Phrases {
  private static final List<String> COMPASS =
      List.of("up", "up right", "right", "down right", "down", "down left", "left", "up left");

  private Phrases() {}

  /** With the article. */
  static String a(String noun) {
    return ("aeiou".indexOf(noun.charAt(0)) >= 0 ? "an " : "a ") + noun;
  }

  static Question kind(String answer) {
    return new Question("kind", "What is this?", answer);
  }

  static Question caption(Dice dice, String answer) {
    return new Question(
        "caption",
        dice.pick("Describe the image.", "What is in the picture?", "Write a caption."),
        answer);
  }

  static Question background(Dice dice, Ground ground) {
    return new Question(
        "background",
        dice.pick("What color is the background?", "Which color is the background?"),
        ground.toString());
  }

  static String on(Ground ground) {
    return "on %s background.".formatted(a(ground.toString()));
  }

  /** The nearest of eight directions; radians clockwise from up. */
  static String direction(double angle) {
    return COMPASS.get(Math.floorMod((int) Math.rint(angle / (Math.PI / 4)), COMPASS.size()));
  }
}
