package io.trimtab.drift;

import io.trimtab.drift.SeenShifts.Use;
import java.util.List;
import java.util.Optional;

/**
 * Which of the gate's tasks a live question is one of, by its words: naive Bayes over the words of
 * the questions that the gate asked.
 *
 * <p>It errs to the safe side. A question is none in particular where fewer than half of its words
 * have been heard, and where it may well be one of the taught task but is likelier to be another:
 * what was learned is never held against a task that it was not learned for. Immutable.
 */
final class QuestionKinds {
  private static final double HEARD_MIN = 0.5;

  /** Of a question that counts as one of a kept task, the probability of being a taught one. */
  private static final double TAUGHT_MAX = 0.01;

  private static final double TAUGHT_MIN = 0.5;

  /** A word that was never heard of a task was heard half a time. */
  private static final double SMOOTHING = 0.5;

  private final List<TaskWords> tasks;

  QuestionKinds(List<TaskWords> tasks) {
    this.tasks = List.copyOf(tasks);
  }

  /** The same with words that others may hold as well. */
  QuestionKinds sharing(SharedWords words) {
    return new QuestionKinds(tasks.stream().map(words::share).toList());
  }

  int tasks() {
    return tasks.size();
  }

  Use use(int task) {
    return tasks.get(task).use();
  }

  /** The index of a question's task; empty for none in particular. */
  Optional<Integer> of(QuestionWords words) {
    if (words.keys().isEmpty() || heard(words) < HEARD_MIN) {
      return Optional.empty();
    }
    double[] logs = new double[tasks.size()];
    int best = 0;
    for (int task = 0; task < logs.length; task++) {
      logs[task] = log(tasks.get(task), words);
      best = logs[task] > logs[best] ? task : best;
    }
    double all = 0;
    double taught = 0;
    for (int task = 0; task < logs.length; task++) {
      double likelihood = Math.exp(logs[task] - logs[best]);
      all += likelihood;
      taught += tasks.get(task).use() == Use.TAUGHT ? likelihood : 0;
    }
    double share = taught / all;
    return switch (tasks.get(best).use()) {
      case TAUGHT -> share >= TAUGHT_MIN ? Optional.of(best) : Optional.empty();
      case KEPT -> share <= TAUGHT_MAX ? Optional.of(best) : Optional.empty();
    };
  }

  private double heard(QuestionWords words) {
    long heard =
        words.keys().stream()
            .filter(word -> tasks.stream().anyMatch(task -> task.heard(word) > 0))
            .count();
    return heard / (double) words.keys().size();
  }

  private static double log(TaskWords task, QuestionWords words) {
    double log = Math.log(task.answers());
    for (long word : words.keys()) {
      log += Math.log((task.heard(word) + SMOOTHING) / (task.answers() + 2 * SMOOTHING));
    }
    return log;
  }
}
