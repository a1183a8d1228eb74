package io.trimtab.study.lab;

import java.util.List;

/** What a candidate is made of: to train on, to stop by, and to be judged by. */
public record CandidateData(
    List<VqaExample> training, List<VqaExample> validation, List<VqaExample> gate) {
  private static final double TRAINING_SHARE = 0.75;
  private static final double VALIDATION_SHARE = 0.1;

  public CandidateData {
    training = List.copyOf(training);
    validation = List.copyOf(validation);
    gate = List.copyOf(gate);
  }

  /** In the shares that a job's examples are split in; no example is in two parts. */
  public static CandidateData of(List<VqaExample> examples) {
    int training = (int) Math.round(TRAINING_SHARE * examples.size());
    int validation = training + (int) Math.round(VALIDATION_SHARE * examples.size());
    return new CandidateData(
        examples.subList(0, training),
        examples.subList(training, validation),
        examples.subList(validation, examples.size()));
  }

  /** Judged by what another is judged by. */
  public CandidateData judgedBy(CandidateData other) {
    return new CandidateData(training, validation, other.gate());
  }
}
