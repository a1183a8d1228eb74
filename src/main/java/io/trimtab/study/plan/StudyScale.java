package io.trimtab.study.plan;

import com.fasterxml.jackson.annotation.JsonAlias;
import io.trimtab.error.TrimtabException;
import io.trimtab.world.Skill;
import java.util.Arrays;
import java.util.List;

/**
 * How large a study is. Records of different sizes are never mixed.
 *
 * @param label {@code full}, or {@code quick} for one that nothing can be concluded from
 * @param steps updates of a stage
 * @param learningRate of LoRA, above 0; full deltas have a tenth of it, and gated ones a server's
 * @param examples of a stage's skill; {@code lessons} in folders of before
 * @param skillQuestions of each skill, about pictures that no training saw
 * @param keptQuestions that base was taught to answer
 * @param captions pictures that are described for the counting bias
 * @param skills in the order in which they are tuned
 */
public record StudyScale(
    String label,
    int steps,
    double learningRate,
    @JsonAlias("lessons") int examples,
    int skillQuestions,
    int keptQuestions,
    int captions,
    List<String> skills) {
  static final String QUICK = "quick";

  /** What the world's description was measured with. */
  private static final double LEARNING_RATE = 1.5e-3;

  public StudyScale {
    skills = List.copyOf(skills);
    if (!(learningRate > 0)) {
      throw TrimtabException.invalid(
          "A study's learning rate is %s, expected above 0".formatted(learningRate));
    }
    if (Math.min(Math.min(steps, examples), Math.min(skillQuestions, keptQuestions)) < 1
        || captions < 1) {
      throw TrimtabException.invalid(
          "A study has %d steps, %d examples, %d and %d questions and %d captions, expected from 1"
              .formatted(steps, examples, skillQuestions, keptQuestions, captions));
    }
  }

  /** All five skills, as many updates as a server's job has. */
  public static StudyScale full() {
    return new StudyScale(
        "full",
        450,
        LEARNING_RATE,
        400,
        120,
        300,
        60,
        Arrays.stream(Skill.values()).map(Skill::task).toList());
  }

  /** Two skills that are learned fast. */
  public static StudyScale quick() {
    return new StudyScale(
        QUICK,
        60,
        LEARNING_RATE,
        120,
        40,
        80,
        16,
        List.of(Skill.SPECIES.task(), Skill.GAUGE.task()));
  }

  public StudyScale withSteps(int value) {
    return new StudyScale(
        label, value, learningRate, examples, skillQuestions, keptQuestions, captions, skills);
  }

  public StudyScale withExamples(int value) {
    return new StudyScale(
        label, steps, learningRate, value, skillQuestions, keptQuestions, captions, skills);
  }

  public StudyScale withLearningRate(double value) {
    return new StudyScale(
        label, steps, value, examples, skillQuestions, keptQuestions, captions, skills);
  }

  public boolean concludesNothing() {
    return label.equals(QUICK);
  }

  /** Those to be tuned, in order. */
  public List<Skill> sequence() {
    return skills.stream().map(Skill::of).toList();
  }
}
