package io.trimtab.world;

import java.util.List;

/**
 * A clock without figures.
 *
 * @param x middle, in units, as {@code y}
 * @param radius in units
 * @param hour 0 to 11
 * @param minute 0 to 55, in fives
 */
record Clock(Ground ground, Ink rim, double x, double y, double radius, int hour, int minute)
    implements SkillScene {
  private static final Rgb HANDS = new Rgb(20, 20, 20);

  static Clock any(Dice dice) {
    Ground ground = dice.pick(Ground.values());
    return new Clock(
        ground,
        dice.pick(ground.inks()),
        48 + dice.between(-3, 3),
        48 + dice.between(-3, 3),
        dice.between(36, 42),
        dice.below(12),
        dice.below(12) * 5);
  }

  @Override
  public Canvas paint() {
    Canvas canvas = new Canvas(ground.rgb());
    Dial dial = new Dial(canvas, x, y, radius);
    dial.face(3.5, rim);
    for (int k = 0; k < 12; k++) {
      dial.hand(k * Math.PI / 6, .8, .9, k % 3 == 0 ? 2 : 1, Dial.MARKS);
    }
    dial.hand(hourAngle(), 0, .45, 4, HANDS);
    dial.hand(minuteAngle(), 0, .78, 2, HANDS);
    canvas.ellipse(x, y, 2.5, 2.5, HANDS);
    return canvas;
  }

  private double hourAngle() {
    return (hour + minute / 60.0) * Math.PI / 6;
  }

  private double minuteAngle() {
    return minute * Math.PI / 30;
  }

  @Override
  public List<Question> questions(Dice dice) {
    return List.of(
        Phrases.kind("a clock"),
        new Question(
            "rim", dice.pick("What color is the rim?", "What color is the clock?"), rim.toString()),
        Phrases.caption(
            dice, "%s clock %s".formatted(Phrases.a(rim.toString()), Phrases.on(ground))),
        new Question("hand", "Where does the long hand point?", Phrases.direction(minuteAngle())),
        new Question("hand", "Where does the short hand point?", Phrases.direction(hourAngle())),
        Phrases.background(dice, ground));
  }

  @Override
  public Question skillQuestion(Dice dice) {
    return new Question(
        Skill.CLOCK.task(),
        dice.pick("What time is it?", "What time does the clock show?"),
        "%d:%02d".formatted(hour == 0 ? 12 : hour, minute));
  }
}
