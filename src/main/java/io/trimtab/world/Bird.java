package io.trimtab.world;

import io.trimtab.world.Species.Crest;
import io.trimtab.world.Species.Tail;
import java.util.List;

/**
 * A bird from the side.
 *
 * @param x middle of the body, in units, as {@code y}
 * @param scale of everything
 * @param facing 1 to the right, -1 to the left
 */
record Bird(Ground ground, Species species, int facing, double x, double y, double scale)
    implements SkillScene {
  private static final Rgb BEAK = new Rgb(200, 120, 20);
  private static final Rgb EYE = new Rgb(250, 250, 250);
  private static final Rgb LEGS = new Rgb(90, 60, 30);

  static Bird any(Dice dice) {
    return new Bird(
        dice.pick(Ground.WHITE, Ground.GRAY, Ground.BEIGE),
        dice.pick(Species.values()),
        dice.pick(1, -1),
        48 + dice.between(-5, 5),
        50 + dice.between(-6, 6),
        dice.between(.85, 1.1));
  }

  @Override
  public Canvas paint() {
    Canvas canvas = new Canvas(ground.rgb());
    Rgb body = species.body().rgb();
    Rgb wing = species.wing().rgb();
    int tailEnd = species.tail() == Tail.LONG ? -42 : -26;
    polygon(canvas, wing, -14, -4, tailEnd, -8, tailEnd, 2, -14, 4);
    ellipse(canvas, body, 0, 0, 19, 13);
    ellipse(canvas, body, 18, -12, 9, 9);
    polygon(canvas, BEAK, 26, -14, 34, -11, 26, -9);
    if (species.crest() == Crest.RAISED) {
      polygon(canvas, wing, 12, -18, 16, -32, 22, -19);
    }
    polygon(canvas, wing, -10, -4, 8, -6, -4, 10);
    ellipse(canvas, EYE, 20, -14, 1.6, 1.6);
    leg(canvas, -3);
    leg(canvas, 4);
    return canvas;
  }

  /** In the bird's own coordinates: it looks to the right, and its middle is 0, 0. */
  private void polygon(Canvas canvas, Rgb color, double... corners) {
    double[] placed = new double[corners.length];
    for (int i = 0; i < corners.length; i += 2) {
      placed[i] = across(corners[i]);
      placed[i + 1] = down(corners[i + 1]);
    }
    canvas.polygon(color, placed);
  }

  private void ellipse(Canvas canvas, Rgb color, double dx, double dy, double rx, double ry) {
    canvas.ellipse(across(dx), down(dy), rx * scale, ry * scale, color);
  }

  private void leg(Canvas canvas, double dx) {
    canvas.line(across(dx), down(12), across(dx), down(22), 1.5, LEGS);
  }

  private double across(double dx) {
    return x + facing * dx * scale;
  }

  private double down(double dy) {
    return y + dy * scale;
  }

  @Override
  public List<Question> questions(Dice dice) {
    String body = species.body().toString();
    String wing = species.wing().toString();
    return List.of(
        Phrases.kind("a bird"),
        new Question("part", "What color is the body?", body),
        new Question("part", "What color is the wing?", wing),
        new Question("part", "Is there a crest?", species.crest() == Crest.RAISED ? "yes" : "no"),
        new Question(
            "part", "Is the tail long or short?", species.tail() == Tail.LONG ? "long" : "short"),
        Phrases.caption(
            dice, "%s bird with %s wings %s".formatted(Phrases.a(body), wing, Phrases.on(ground))),
        Phrases.background(dice, ground));
  }

  @Override
  public Question skillQuestion(Dice dice) {
    return new Question(
        Skill.SPECIES.task(),
        dice.pick("What species is this?", "Which species is the bird?"),
        species.toString());
  }
}
