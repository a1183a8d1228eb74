package io.trimtab.study;

import io.trimtab.error.TrimtabException;
import io.trimtab.world.Skill;
import java.util.Arrays;
import java.util.List;

/**
 * How large a study is. Records of different sizes are never mixed.
 *
 * @param label {@code full}, or {@code quick} for one that nothing can be concluded from
 * @param steps updates of a stage
 * @param lessons of a stage's skill
 * @param skillQuestions of each skill, about pictures that no training saw
 * @param keptQuestions that base was taught to answer
 * @param captions pictures that are described for the counting bias
 * @param skills in the order in which they are tuned
 */
record StudyScale(
    String label,
    int steps,
    int lessons,
    int skillQuestions,
    int keptQuestions,
    int captions,
    List<String> skills) {
  static final String QUICK = "quick";

  StudyScale {
    skills = List.copyOf(skills);
    if (Math.min(Math.min(steps, lessons), Math.min(skillQuestions, keptQuestions)) < 1
        || captions < 1) {
      throw TrimtabException.invalid(
          "A study has %d steps, %d lessons, %d and %d questions and %d captions, expected from 1"
              .formatted(steps, lessons, skillQuestions, keptQuestions, captions));
    }
  }

  /** All five skills, as many updates as a server's job has. */
  static StudyScale full() {
    return new StudyScale(
        "full", 450, 400, 120, 300, 60, Arrays.stream(Skill.values()).map(Skill::task).toList());
  }

  /** Two skills that are learned fast. */
  static StudyScale quick() {
    return new StudyScale(
        QUICK, 60, 120, 40, 80, 16, List.of(Skill.SPECIES.task(), Skill.GAUGE.task()));
  }

  StudyScale withSteps(int value) {
    return new StudyScale(label, value, lessons, skillQuestions, keptQuestions, captions, skills);
  }

  StudyScale withLessons(int value) {
    return new StudyScale(label, steps, value, skillQuestions, keptQuestions, captions, skills);
  }

  boolean isQuick() {
    return label.equals(QUICK);
  }

  /** Those to be tuned, in order. */
  List<Skill> sequence() {
    return skills.stream().map(Skill::of).toList();
  }
}
