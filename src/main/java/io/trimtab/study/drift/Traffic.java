package io.trimtab.study.drift;

import io.trimtab.model.text.ChatMessage;
import io.trimtab.study.lab.EvaluationSets;
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
import java.util.TreeMap;

/**
 * Requests of one tenant: its skill's questions, and others that base answers. What it asks for
 * changes with each call of {@link #next}, and after {@value #REGIME} requests of a longer one: the
 * share of the skill, and which other tasks there are many of. No picture of the skill is shown
 * twice; another picture may be asked about several times, each time something else.
 */
final class Traffic {
  private static final int REGIME = 500;
  private static final double SKILL_SHARE_MIN = 0.1;
  private static final double SKILL_SHARE_MAX = 0.9;

  private final Skill skill;
  private final Random random;
  private final Light light;
  private final Deque<Asked> ofSkill = new ArrayDeque<>();
  private final Map<String, Deque<Asked>> others = new TreeMap<>();
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

  /** The next requests, in a mix of their own. */
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
    List<Weighed> tasks = new ArrayList<>();
    double sum = 0;
    for (Map.Entry<String, Deque<Asked>> task : others.entrySet()) {
      if (!task.getValue().isEmpty()) {
        // Squared, so that a few tasks prevail at a time.
        double weight =
            weights.computeIfAbsent(task.getKey(), _ -> Math.pow(random.nextDouble(), 2));
        tasks.add(new Weighed(task.getValue(), weight));
        sum += weight;
      }
    }
    double left = random.nextDouble(sum);
    for (Weighed task : tasks) {
      left -= task.weight;
      if (left < 0) {
        return task.left.remove();
      }
    }
    return tasks.getLast().left.remove();
  }

  /** What is left to ask of a task, and how much of it is asked now. */
  private record Weighed(Deque<Asked> left, double weight) {}

  private static Asked asked(Drawing drawing, Question question) {
    return new Asked(EvaluationSets.messages(drawing.png(), question.text()), question.task());
  }
}
