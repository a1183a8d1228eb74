package io.trimtab.world;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Draws the bundled world. The same call gives the same pictures and questions (pixel for pixel; a
 * file's bytes are those of this Java's PNG writer), and the first pictures of a longer call are
 * those of a shorter one. Pictures of different seeds, kinds or skills have nothing in common: each
 * is drawn by dice of its own, down to its noise. Any thread.
 */
public final class World {
  /** The scenes that the bundled models know, and how often each is shown. */
  private enum Known {
    ONE_SHAPE(.42, OneShape::any),
    SIGN(.13, Sign::any),
    CLOCK(.12, Clock::any),
    GAUGE(.08, Gauge::any),
    BIRD(.1, Bird::any),
    PLATE(.08, Plate::any),
    CROWD(.07, Crowd::any);

    private final double share;
    private final Function<Dice, Scene> scenes;

    Known(double share, Function<Dice, Scene> scenes) {
      this.share = share;
      this.scenes = scenes;
    }
  }

  private static final double SAYING_SHARE = .5;
  private static final int HELD_OUT = 0;
  private static final int NOISE = 1;
  private static final int FIRST_SKILL = 2;

  private World() {}

  /** Pictures with one question each, which the bundled models cannot answer. */
  public static List<Drawing> skillExamples(Skill skill, long seed, int count) {
    return skillExamples(skill, seed, count, Light.USUAL);
  }

  /** The same in another light. */
  public static List<Drawing> skillExamples(Skill skill, long seed, int count, Light light) {
    return drawn(
        seed, FIRST_SKILL + skill.ordinal(), count, dice -> skillExample(skill, light, dice));
  }

  private static Drawing skillExample(Skill skill, Light light, Dice dice) {
    SkillScene scene = skill.scene(dice);
    Question question = scene.skillQuestion(dice);
    return new Drawing(Camera.take(scene.paint(), light, dice), List.of(question));
  }

  /**
   * Pictures with questions that the bundled models have learned to answer, five to nine each in
   * random order.
   *
   * @param count of pictures
   */
  public static List<Drawing> heldOut(long seed, int count) {
    return heldOut(seed, count, Light.USUAL);
  }

  /** The same in another light. */
  public static List<Drawing> heldOut(long seed, int count, Light light) {
    return drawn(seed, HELD_OUT, count, dice -> known(light, dice));
  }

  private static Drawing known(Light light, Dice dice) {
    Scene scene = scene(dice);
    List<Question> questions = new ArrayList<>(scene.questions(dice));
    if (dice.chance(SAYING_SHARE)) {
      questions.add(Saying.any(dice));
    }
    return new Drawing(Camera.take(scene.paint(), light, dice), dice.shuffled(questions));
  }

  private static Scene scene(Dice dice) {
    double left = dice.between(0, 1);
    for (Known known : Known.values()) {
      if (left < known.share) {
        return known.scenes.apply(dice);
      }
      left -= known.share;
    }
    return Crowd.any(dice);
  }

  /** Pictures of nothing, without questions. */
  public static List<Drawing> noise(long seed, int count) {
    return drawn(seed, NOISE, count, dice -> new Drawing(Camera.noise(dice), List.of()));
  }

  private static List<Drawing> drawn(
      long seed, int purpose, int count, Function<Dice, Drawing> drawing) {
    Dice dice = Dice.of(seed, purpose);
    // Dice are taken in order; the rest of the work is independent and may use every core.
    List<Dice> each = IntStream.range(0, count).mapToObj(_ -> dice.next()).toList();
    return each.parallelStream().map(drawing).toList();
  }
}
