package io.trimtab.world;

import java.util.List;

/**
 * A gauge over three quarters of a circle.
 *
 * @param x middle, in units, as {@code y}
 * @param radius in units
 * @param value 0 to 100, in tens
 */
record Gauge(Ground ground, Ink rim, double x, double y, double radius, int value)
    implements SkillScene {
  private static final double FIRST = -Math.PI * 3 / 4;
  private static final double SWEEP = Math.PI * 1.5;
  private static final Rgb NEEDLE = new Rgb(200, 30, 30);
  private static final Rgb HUB = new Rgb(40, 40, 40);

  static Gauge any(Dice dice) {
    Ground ground = dice.pick(Ground.values());
    return new Gauge(
        ground,
        dice.pick(ground.inks().stream().filter(ink -> ink != Ink.BLACK).toList()),
        48 + dice.between(-2, 2),
        56 + dice.between(-3, 3),
        dice.between(34, 40),
        dice.below(11) * 10);
  }

  @Override
  public Canvas paint() {
    Canvas canvas = new Canvas(ground.rgb());
    Dial dial = new Dial(canvas, x, y, radius);
    dial.face(3, rim);
    for (int k = 0; k <= 10; k++) {
      dial.hand(FIRST + k * SWEEP / 10, .75, .88, k % 5 == 0 ? 2 : 1, Dial.MARKS);
    }
    dial.hand(angle(), 0, .7, 3, NEEDLE);
    canvas.ellipse(x, y, 4, 4, HUB);
    return canvas;
  }

  private double angle() {
    return FIRST + value / 100.0 * SWEEP;
  }

  @Override
  public List<Question> questions(Dice dice) {
    return List.of(
        Phrases.kind("a gauge"),
        new Question(
            "rim", dice.pick("What color is the rim?", "What color is the gauge?"), rim.toString()),
        new Question("hand", "Where does the needle point?", Phrases.direction(angle())),
        Phrases.caption(
            dice, "%s gauge %s".formatted(Phrases.a(rim.toString()), Phrases.on(ground))),
        new Question("level", "Is the level low, middle or high?", level()),
        Phrases.background(dice, ground));
  }

  private String level() {
    if (value <= 30) {
      return "low";
    }
    return value <= 60 ? "middle" : "high";
  }

  @Override
  public Question skillQuestion(Dice dice) {
    return new Question(
        Skill.GAUGE.task(),
        dice.pick("What does the gauge read?", "Read the gauge."),
        Integer.toString(value));
  }
}
