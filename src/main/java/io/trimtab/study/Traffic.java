package io.trimtab.study;

import io.trimtab.model.text.ChatMessage;
import io.trimtab.world.Drawing;
import io.trimtab.world.Light;
import io.trimtab.world.Question;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Requests of one tenant: its skill's questions, and others that base answers. What it asks for
 * changes every {@value #REGIME} requests: the share of the skill, and which other tasks there are
 * many of. No picture of the skill is shown twice; another picture may be asked about several
 * times, each time something else.
 */
final class Traffic {
  private static final int REGIME = 500;
  private static final double SKILL_SHARE_MIN = 0.1;
  private static final double SKILL_SHARE_MAX = 0.9;

  private final Skill skill;
  private final Random random;
  private final Light light;
  private final Deque<Asked> ofSkill = new ArrayDeque<>();
  private final Map<String, Deque<Asked>> others = new HashMap<>();
  private long nextSeed;

  /** A request, and the task that it is of. */
  record Asked(List<ChatMessage> messages, String task) {}

  /**
   * @param seed of the order and of the pictures; others than the study's own are below 10,000
   */
  Traffic(Skill skill, long seed, Light light) {
    this.skill = skill;
    this.random = new Random(seed);
    this.light = light;
    this.nextSeed = 100_000 + 1_000 * seed;
  }

  /** The next requests. */
  List<Asked> next(int count) {
    List<Asked> asked = new ArrayList<>();
    while (asked.size() < count) {
      double share = random.nextDouble(SKILL_SHARE_MIN, SKILL_SHARE_MAX);
      Map<String, Double> weights = new HashMap<>();
      for (int i = 0; i < REGIME && asked.size() < count; i++) {
        asked.add(random.nextDouble() < share ? taught() : other(weights));
      }
    }
    return asked;
  }

  private Asked taught() {
    if (ofSkill.isEmpty()) {
      for (Drawing drawing : World.skillExamples(skill, nextSeed++, REGIME, light)) {
        ofSkill.add(asked(drawing, drawing.questions().getFirst()));
      }
    }
    return ofSkill.remove();
  }

  private Asked other(Map<String, Double> weights) {
    while (others.values().stream().mapToInt(Deque::size).sum() < REGIME) {
      for (Drawing drawing : World.heldOut(nextSeed++, REGIME / 2, light)) {
        for (Question question : drawing.questions()) {
          others
              .computeIfAbsent(question.task(), _ -> new ArrayDeque<>())
              .add(asked(drawing, question));
        }
      }
    }
    List<String> tasks =
        others.keySet().stream().filter(task -> !others.get(task).isEmpty()).sorted().toList();
    // Squared, so that a few tasks prevail at a time.
    tasks.forEach(task -> weights.computeIfAbsent(task, _ -> Math.pow(random.nextDouble(), 2)));
    double left = random.nextDouble(tasks.stream().mapToDouble(weights::get).sum());
    for (String task : tasks) {
      left -= weights.get(task);
      if (left < 0) {
        return others.get(task).remove();
      }
    }
    return others.get(tasks.getLast()).remove();
  }

  private static Asked asked(Drawing drawing, Question question) {
    return new Asked(Exam.messages(drawing.png(), question.text()), question.task());
  }
}
