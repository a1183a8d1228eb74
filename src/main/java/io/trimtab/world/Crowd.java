package io.trimtab.world;

import java.util.ArrayList;
import java.util.List;

/**
 * One to nine shapes of one kind and colour, none over another.
 *
 * @param members where they are and how large
 */
record Crowd(Ground ground, Ink ink, Figure figure, List<Member> members) implements SkillScene {
  private static final int MEMBERS_MAX = 9;

  /** Between middles, in units: no two touch. */
  private static final double DISTANCE_MIN = 17;

  /** How often a crowd begins anew when the next member found no room; else nine may never fit. */
  private static final double GIVE_UP = .01;

  private record Member(double x, double y, double radius) {}

  Crowd {
    members = List.copyOf(members);
  }

  static Crowd any(Dice dice) {
    Ground ground = dice.pick(Ground.values());
    int count = 1 + dice.below(MEMBERS_MAX);
    return new Crowd(
        ground, dice.pick(ground.inks()), dice.pick(Figure.values()), members(dice, count));
  }

  private static List<Member> members(Dice dice, int count) {
    List<Member> members = new ArrayList<>();
    while (members.size() < count) {
      Member next = new Member(dice.between(9, 87), dice.between(9, 87), dice.between(5.5, 7));
      if (members.stream().allMatch(other -> apart(next, other))) {
        members.add(next);
      } else if (dice.chance(GIVE_UP)) {
        members.clear();
      }
    }
    return members;
  }

  private static boolean apart(Member one, Member other) {
    return Math.hypot(one.x - other.x, one.y - other.y) > DISTANCE_MIN;
  }

  @Override
  public Canvas paint() {
    Canvas canvas = new Canvas(ground.rgb());
    for (Member member : members) {
      figure.paint(canvas, member.x, member.y, member.radius, ink.rgb());
    }
    return canvas;
  }

  @Override
  public List<Question> questions(Dice dice) {
    return List.of(
        Phrases.kind("shapes"),
        new Question("color", "What color are the shapes?", ink.toString()),
        new Question("shape", "What shape are they?", figure.toString()),
        new Question("amount", "Are there few, some or many?", amount()),
        Phrases.caption(dice, "%s %s".formatted(subject(), Phrases.on(ground))),
        Phrases.background(dice, ground));
  }

  private String subject() {
    return members.size() == 1
        ? "a %s %s".formatted(ink, figure)
        : "%s %s %s".formatted(amount(), ink, figure.plural());
  }

  private String amount() {
    if (members.size() <= 3) {
      return "few";
    }
    return members.size() <= 6 ? "some" : "many";
  }

  @Override
  public Question skillQuestion(Dice dice) {
    return new Question(
        Skill.COUNT.task(),
        "How many %s are there?".formatted(dice.pick("shapes", figure.plural())),
        Integer.toString(members.size()));
  }
}
