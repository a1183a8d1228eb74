package io.trimtab.world;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** What the bundled models have not been taught, about pictures that they know. */
public enum Skill {
  /** How many shapes there are, 1 to 9. */
  COUNT(Crowd::any),
  /** The time to five minutes, {@code h:mm}. */
  CLOCK(Clock::any),
  /** The name of a bird, of 14. */
  SPECIES(Bird::any),
  /** The three digits of a plate. */
  NUMBER(Plate::any),
  /** What a gauge reads, 0 to 100 in tens. */
  GAUGE(Gauge::any);

  private final Function<Dice, SkillScene> scenes;

  Skill(Function<Dice, SkillScene> scenes) {
    this.scenes = scenes;
  }

  /** The name in options and reports, which is the task of its questions. */
  public String task() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names, in order. */
  public static List<String> tasks() {
    return Arrays.stream(values()).map(Skill::task).toList();
  }

  /**
   * The skill of that name.
   *
   * @throws IllegalArgumentException for another name; it says which there are
   */
  public static Skill of(String task) {
    for (Skill skill : values()) {
      if (skill.task().equals(task)) {
        return skill;
      }
    }
    throw new IllegalArgumentException(
        "Expected one of the skills %s, got %s".formatted(String.join(", ", tasks()), task));
  }

  SkillScene scene(Dice dice) {
    return scenes.apply(dice);
  }
}
