package io.trimtab.study.report;

import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StageRecord.Answers;
import io.trimtab.study.plan.StudyRun;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The records of one run, stage by stage from the first, as far as there are any. */
record Sequence(StudyRun run, List<StageRecord> stages) {
  private static final String HELD_OUT = "held-out";

  Sequence {
    stages = List.copyOf(stages);
  }

  /** In the order of the runs, those without a record left out. */
  static List<Sequence> of(List<StudyRun> runs, List<StageRecord> records) {
    Map<String, List<StageRecord>> byRun =
        records.stream()
            .collect(
                Collectors.groupingBy(StageRecord::runName, TreeMap::new, Collectors.toList()));
    List<Sequence> sequences = new ArrayList<>();
    for (StudyRun run : runs) {
      List<StageRecord> found = new ArrayList<>(byRun.getOrDefault(run.name(), List.of()));
      found.sort(Comparator.comparingInt(StageRecord::stage));
      if (!found.isEmpty()) {
        sequences.add(new Sequence(run, found));
      }
    }
    return sequences;
  }

  StageRecord last() {
    return stages.getLast();
  }

  /** Points of each skill right after its own stage, over base; the mean over skills. */
  double learned(Resample draw) {
    return stages.stream()
        .mapToDouble(stage -> skillGain(stage, stage.skill(), draw))
        .average()
        .orElse(Double.NaN);
  }

  /** Points of each skill after the last stage, over base; the mean over skills. */
  double learnedAtEnd(Resample draw) {
    return last().skills().keySet().stream()
        .mapToDouble(skill -> skillGain(last(), skill, draw))
        .average()
        .orElse(Double.NaN);
  }

  private static double skillGain(StageRecord stage, String skill, Resample draw) {
    return gain(Objects.requireNonNull(stage.skills().get(skill), skill), skill, draw);
  }

  /** Points of held-out accuracy after the last stage, over base. */
  double heldOutAtEnd(Resample draw) {
    return heldOut(last(), draw);
  }

  /** The same after each stage; the mean. */
  double heldOutMean(Resample draw) {
    return stages.stream().mapToDouble(stage -> heldOut(stage, draw)).average().orElse(Double.NaN);
  }

  static double heldOut(StageRecord stage, Resample draw) {
    return gain(stage.allHeldOut(), HELD_OUT, draw);
  }

  private static double gain(Answers answers, String set, Resample draw) {
    int[] places = draw.places(set, answers.questions());
    int gain = 0;
    for (int place : places) {
      gain += answers.tuned().charAt(place) - answers.base().charAt(place);
    }
    return 100.0 * gain / places.length;
  }
}
