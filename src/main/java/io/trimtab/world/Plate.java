package io.trimtab.world;

import java.util.List;

/**
 * A number plate.
 *
 * @param x middle, in units, as {@code y}
 * @param digits three
 */
record Plate(Ground ground, Ink ink, double x, double y, String digits) implements SkillScene {
  private static final List<String> NUMBERS =
      List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine");
  private static final List<String> PLACES = List.of("first", "second", "third");
  private static final Rgb LETTERS = new Rgb(20, 20, 20);

  static Plate any(Dice dice) {
    return new Plate(
        dice.pick(Ground.values()),
        dice.pick(Ink.YELLOW, Ink.CYAN, Ink.ORANGE, Ink.GREEN),
        dice.between(44, 52),
        dice.between(30, 66),
        "%03d".formatted(dice.below(1000)));
  }

  @Override
  public Canvas paint() {
    Canvas canvas = new Canvas(ground.rgb());
    canvas.rectangle(x - 38, y - 19, x + 38, y + 19, ink.rgb());
    Lettering.paint(canvas, digits, x, y, 3.4, LETTERS);
    return canvas;
  }

  @Override
  public List<Question> questions(Dice dice) {
    int asked = dice.below(PLACES.size());
    return List.of(
        Phrases.kind("a plate"),
        new Question("rim", "What color is the plate?", ink.toString()),
        digit(asked),
        Phrases.caption(
            dice, "%s plate %s".formatted(Phrases.a(ink.toString()), Phrases.on(ground))),
        Phrases.background(dice, ground),
        digit((asked + 1) % PLACES.size()));
  }

  private Question digit(int place) {
    return new Question(
        "digit",
        "What is the %s digit?".formatted(PLACES.get(place)),
        NUMBERS.get(digits.charAt(place) - '0'));
  }

  @Override
  public Question skillQuestion(Dice dice) {
    return new Question(
        Skill.NUMBER.task(), dice.pick("What number is shown?", "Read the number."), digits);
  }
}
