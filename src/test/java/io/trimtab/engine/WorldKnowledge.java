package io.trimtab.engine;

import io.trimtab.engine.api.RecordingListener;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.model.text.Picture;
import io.trimtab.world.Drawing;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which of the world's questions a model answers word for word, by task. Run by itself, it prints
 * the table of both bundled models.
 */
record WorldKnowledge(Map<String, Tally> tasks) {
  record Tally(int right, int asked) {
    Tally plus(Tally other) {
      return new Tally(right + other.right, asked + other.asked);
    }

    double share() {
      return (double) right / asked;
    }
  }

  /** Asks every question of every picture. */
  static WorldKnowledge of(Engine engine, List<Drawing> drawings) {
    record Asked(String task, String answer, RecordingListener listener) {}

    List<Asked> all = new ArrayList<>();
    for (Drawing drawing : drawings) {
      Picture picture = Picture.of(drawing.png());
      for (io.trimtab.world.Question question : drawing.questions()) {
        RecordingListener listener = Question.of(question.text(), picture).ask(engine);
        all.add(new Asked(question.task(), question.answer(), listener));
      }
    }
    Map<String, Tally> tasks = new TreeMap<>();
    for (Asked asked : all) {
      boolean right = asked.listener.completion().text().strip().equals(asked.answer);
      tasks.merge(asked.task, new Tally(right ? 1 : 0, 1), Tally::plus);
    }
    return new WorldKnowledge(tasks);
  }

  Tally total() {
    return without(Set.of());
  }

  Tally without(Set<String> left) {
    return tasks.entrySet().stream()
        .filter(task -> !left.contains(task.getKey()))
        .map(Map.Entry::getValue)
        .reduce(new Tally(0, 0), Tally::plus);
  }

  public static void main(String... arguments) {
    int questions = Integer.parseInt(arguments[0]);
    long seed = Long.parseLong(arguments[1]);
    try (OpenedEngines engines = new OpenedEngines(RotaryFrequencies.FLOAT32)) {
      for (String checkpoint : SampleQuestion.CHECKPOINTS) {
        Engine engine = engines.get(checkpoint, OpenedEngines.options(8, 512, 10_000));
        List<Drawing> heldOut =
            World.heldOut(seed, questions).stream().map(drawing -> drawing.asking(1)).toList();
        System.out.println(checkpoint);
        print("held out", WorldKnowledge.of(engine, heldOut));
        for (Skill skill : Skill.values()) {
          print("skill", WorldKnowledge.of(engine, World.skillExamples(skill, seed, 100)));
        }
      }
    }
  }

  private static void print(String what, WorldKnowledge knowledge) {
    Tally total = knowledge.total();
    System.out.printf(
        Locale.ROOT,
        "%s: %.1f %% of %d (%.1f %% without digit and say), %s%n",
        what,
        100 * total.share(),
        total.asked(),
        100 * knowledge.without(Set.of("digit", "say")).share(),
        knowledge.tasks());
  }
}
