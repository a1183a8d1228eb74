package io.trimtab.study.lab;

import java.util.List;

/** What a candidate is made of: to train on, to stop by, and to be judged by. */
public record Material(List<Lesson> training, List<Lesson> validation, List<Lesson> gate) {
  private static final double TRAINING_SHARE = 0.75;
  private static final double VALIDATION_SHARE = 0.1;

  public Material {
    training = List.copyOf(training);
    validation = List.copyOf(validation);
    gate = List.copyOf(gate);
  }

  /** In the shares that a job's examples are split in; no lesson is in two parts. */
  public static Material of(List<Lesson> lessons) {
    int training = (int) Math.round(TRAINING_SHARE * lessons.size());
    int validation = training + (int) Math.round(VALIDATION_SHARE * lessons.size());
    return new Material(
        lessons.subList(0, training),
        lessons.subList(training, validation),
        lessons.subList(validation, lessons.size()));
  }

  /** Judged by what another is judged by. */
  public Material judgedBy(Material other) {
    return new Material(training, validation, other.gate());
  }
}
