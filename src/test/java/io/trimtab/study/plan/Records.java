package io.trimtab.study.plan;

import io.trimtab.study.plan.StageRecord.Answers;
import io.trimtab.study.plan.StageRecord.Bias;
import io.trimtab.world.Skill;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Records made by hand: of whole sequences that learn and lose what a test says. */
public final class Records {
  static final int QUESTIONS = 100;

  /** Two stages, so that tests stay short. */
  public static final StudyScale SCALE =
      new StudyScale(
          "full", 450, 1.5e-3, 400, QUESTIONS, QUESTIONS, 60, List.of("species", "gauge"));

  private Records() {}

  /**
   * A sequence's records.
   *
   * @param learned percent of each skill, from a base of 0
   * @param kept percent of held-out questions after each stage, from a base of 90
   */
  public static List<StageRecord> of(StudyRun run, int learned, int... kept) {
    List<StageRecord> records = new ArrayList<>();
    for (int stage = 1; stage <= SCALE.skills().size(); stage++) {
      Map<String, Answers> skills = new TreeMap<>();
      for (Skill skill : SCALE.sequence().subList(0, stage)) {
        skills.put(skill.task(), answers(0, learned));
      }
      int right = kept[Math.min(stage, kept.length) - 1];
      records.add(record(run, stage, skills, answers(90, right), 0.01 * (95 - right), true));
    }
    return records;
  }

  public static StageRecord record(
      StudyRun run,
      int stage,
      Map<String, Answers> skills,
      Answers heldOut,
      double signal,
      boolean taken) {
    Skill skill = SCALE.sequence().get(stage - 1);
    return new StageRecord(
        run.model(),
        run.recipe().wireName(),
        run.form().toString(),
        run.variant().toString(),
        run.seed(),
        stage,
        skill.task(),
        SCALE.steps(),
        100,
        130,
        taken,
        taken ? 1 : 0,
        taken ? "" : "forgetting",
        taken ? "deltas/" + run.stageName(stage, skill) : "",
        signal,
        skills,
        Map.of("colour", heldOut),
        List.of(new Bias(0, 0.001, 0.01), new Bias(SCALE.steps(), signal, 2 * signal)));
  }

  /** The first so many questions are answered rightly. */
  public static Answers answers(int base, int tuned) {
    return new Answers(first(base), first(tuned));
  }

  private static String first(int right) {
    return "1".repeat(right) + "0".repeat(QUESTIONS - right);
  }
}
