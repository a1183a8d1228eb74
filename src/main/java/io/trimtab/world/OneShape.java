package io.trimtab.world;

import java.util.ArrayList;
import java.util.List;

/**
 * One shape, large or small, in one of nine places.
 *
 * @param place 0 to 8, row by row
 * @param x middle, in units, as {@code y}
 * @param radius in units
 */
record OneShape(
    Ground ground, Figure figure, Ink ink, Size size, int place, double x, double y, double radius)
    implements Scene {
  private static final List<String> PLACES =
      List.of(
          "top left",
          "top",
          "top right",
          "left",
          "center",
          "right",
          "bottom left",
          "bottom",
          "bottom right");

  private enum Size {
    LARGE("large", 11.5, 14),
    SMALL("small", 6, 8);

    private final String word;
    private final double radiusMin;
    private final double radiusMax;

    Size(String word, double radiusMin, double radiusMax) {
      this.word = word;
      this.radiusMin = radiusMin;
      this.radiusMax = radiusMax;
    }
  }

  static OneShape any(Dice dice) {
    Ground ground = dice.pick(Ground.values());
    Size size = dice.pick(Size.values());
    int place = dice.below(PLACES.size());
    return new OneShape(
        ground,
        dice.pick(Figure.values()),
        dice.pick(ground.inks()),
        size,
        place,
        16 + 32 * (place % 3) + dice.between(-2.5, 2.5),
        16 + 32 * (place / 3) + dice.between(-2.5, 2.5),
        dice.between(size.radiusMin, size.radiusMax));
  }

  @Override
  public Canvas paint() {
    Canvas canvas = new Canvas(ground.rgb());
    figure.paint(canvas, x, y, radius, ink.rgb());
    return canvas;
  }

  @Override
  public List<Question> questions(Dice dice) {
    List<Question> questions = new ArrayList<>();
    String noun = "%s %s %s".formatted(size.word, ink, figure);
    questions.add(Phrases.caption(dice, "%s %s".formatted(Phrases.a(noun), Phrases.on(ground))));
    questions.add(
        new Question(
            "color",
            dice.pick("What", "Which") + " color is the %s?".formatted(figure),
            ink.toString()));
    questions.add(
        new Question(
            "shape",
            dice.pick("What", "Which") + " shape is %s?".formatted(ink),
            figure.toString()));
    questions.add(
        new Question(
            "position",
            "Where is the %s?".formatted(dice.pick(figure.toString(), ink + " shape")),
            PLACES.get(place)));
    questions.add(exists(dice));
    questions.add(new Question("size", "Is the %s large or small?".formatted(figure), size.word));
    questions.add(Phrases.background(dice, ground));
    if (dice.chance(.3)) {
      questions.add(Phrases.kind("shapes"));
    }
    return questions;
  }

  /** Half of them about what is there, half about anything. */
  private Question exists(Dice dice) {
    boolean truly = dice.chance(.5);
    Ink asked = truly ? ink : dice.pick(Ink.values());
    Figure sought = truly ? figure : dice.pick(Figure.values());
    return new Question(
        "exists",
        "Is there %s?".formatted(Phrases.a(asked + " " + sought)),
        asked == ink && sought == figure ? "yes" : "no");
  }
}
