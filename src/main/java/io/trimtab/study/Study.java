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
  private final Schools schools;

  /** Opens the school of a model. */
  interface Schools {
    StageSchool open(String model) throws IOException;
  }

  /** Hears of what was done; of what was found done it hears nothing. */
  interface Listener {
    /** A stage has ended and is recorded. */
    void stageEnded(StageRecord record) throws IOException;

    /** A sequence has all its stages. */
    void ended(StudyRun run) throws IOException;
  }

  Study(StudyRecords records, Schools schools) {
    this.records = records;
    this.schools = schools;
  }

  void run(List<StudyRun> runs, Listener listener) throws IOException, InterruptedException {
    // Runs of a model mostly follow each other, and a school takes seconds to open.
    @Nullable StageSchool school = null;
    String open = "";
    try {
      for (StudyRun run : runs) {
        if (left(run) == 0) {
          continue;
        }
        if (school == null || !open.equals(run.model())) {
          if (school != null) {
            school.close();
          }
          school = schools.open(run.model());
          open = run.model();
        }
        sequence(run, school, listener);
        listener.ended(run);
      }
    } finally {
      if (school != null) {
        school.close();
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

  private void sequence(StudyRun run, StageSchool school, Listener listener)
      throws IOException, InterruptedException {
    List<Skill> skills = records.scale().sequence();
    Optional<StageRecord> before = Optional.empty();
    for (int stage = 1; stage <= skills.size(); stage++) {
      String name = run.stageName(stage, skills.get(stage - 1));
      Optional<StageRecord> known = records.find(name);
      if (known.isEmpty()) {
        StageRecord record = school.teach(run, skills.subList(0, stage), before);
        if (!record.name().equals(name)) {
          throw new IllegalStateException("Taught %s, expected %s".formatted(record.name(), name));
        }
        records.write(record);
        known = Optional.of(record);
        listener.stageEnded(record);
      }
      // Also of one that was found: its program may have been killed just before.
      school.recorded(known.get());
      before = known;
    }
  }
}
