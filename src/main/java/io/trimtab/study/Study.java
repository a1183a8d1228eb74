package io.trimtab.study;

import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StudyRecords;
import io.trimtab.study.plan.StudyRun;
import io.trimtab.world.Skill;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Goes through sequences in their order, stage by stage. A stage that has a record is not done
 * again, whoever did it. One thread.
 */
final class Study {
  private final StudyRecords records;
  private final StageRunners runners;

  /** Opens the runner of a model. */
  interface StageRunners {
    StageRunner open(String model) throws IOException;
  }

  /** Hears of what was done; of what was found done it hears nothing. */
  interface Listener {
    /** A stage has ended and is recorded. */
    void stageEnded(StageRecord record) throws IOException;

    /** A sequence has all its stages. */
    void ended(StudyRun run) throws IOException;
  }

  Study(StudyRecords records, StageRunners runners) {
    this.records = records;
    this.runners = runners;
  }

  void run(List<StudyRun> runs, Listener listener) throws IOException, InterruptedException {
    // Runs of a model mostly follow each other, and a runner takes seconds to open.
    @Nullable StageRunner runner = null;
    String open = "";
    try {
      for (StudyRun run : runs) {
        if (left(run) == 0) {
          continue;
        }
        if (runner == null || !open.equals(run.model())) {
          if (runner != null) {
            runner.close();
          }
          runner = runners.open(run.model());
          open = run.model();
        }
        sequence(run, runner, listener);
        listener.ended(run);
      }
    } finally {
      if (runner != null) {
        runner.close();
      }
    }
  }

  /** Stages of a run without a record. */
  int left(StudyRun run) throws IOException {
    List<Skill> skills = records.scale().sequence();
    int left = 0;
    for (int stage = 1; stage <= skills.size(); stage++) {
      left += records.find(run.stageName(stage, skills.get(stage - 1))).isEmpty() ? 1 : 0;
    }
    return left;
  }

  private void sequence(StudyRun run, StageRunner runner, Listener listener)
      throws IOException, InterruptedException {
    List<Skill> skills = records.scale().sequence();
    Optional<StageRecord> before = Optional.empty();
    for (int stage = 1; stage <= skills.size(); stage++) {
      String name = run.stageName(stage, skills.get(stage - 1));
      Optional<StageRecord> known = records.find(name);
      if (known.isEmpty()) {
        StageRecord record = runner.run(run, skills.subList(0, stage), before);
        if (!record.name().equals(name)) {
          throw new IllegalStateException("Ran %s, expected %s".formatted(record.name(), name));
        }
        records.write(record);
        known = Optional.of(record);
        listener.stageEnded(record);
      }
      // Also of one that was found: its program may have been killed just before.
      runner.recorded(known.get());
      before = known;
    }
  }
}
