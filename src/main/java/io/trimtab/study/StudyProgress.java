package io.trimtab.study;

import io.trimtab.study.plan.StageRecord;
import io.trimtab.study.plan.StageRecord.Answers;
import io.trimtab.study.plan.StudyRecords;
import io.trimtab.study.plan.StudyRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Says what each stage came to, and how long the rest will take. One thread. */
final class StudyProgress {
  private final PrintWriter out;
  private final List<StudyRun> runs;
  private final StudyRecords records;
  private final StudyClock clock;

  StudyProgress(PrintWriter out, List<StudyRun> runs, StudyRecords records) throws IOException {
    this.out = out;
    this.runs = runs;
    this.records = records;
    this.clock = new StudyClock(records.scale(), records.all());
  }

  /** A stage has ended and is recorded. */
  void ended(StageRecord record) throws IOException {
    clock.add(record);
    int stages = runs.size() * records.scale().skills().size();
    Answers skill = Objects.requireNonNull(record.skills().get(record.skill()), record.skill());
    Answers heldOut = record.allHeldOut();
    out.printf(
        Locale.ROOT,
        "[%d/%d] %s: %s %.1f %%, held-out %.1f %% (base %.1f), KL %.2f, number mass %.3f%s;"
            + " %.0f s, about %s left%n",
        stages - stagesLeft(),
        stages,
        record.name(),
        record.skill(),
        skill.percent(),
        heldOut.percent(),
        heldOut.basePercent(),
        record.kl(),
        record.biasAtEnd().mean(),
        record.taken() ? "" : ", not taken (" + record.refusedBy() + ")",
        record.seconds(),
        StudyClock.text(secondsLeft()));
    out.flush();
  }

  /** What would be run, in order, and when each would be done. */
  void plan() throws IOException {
    Study study = study();
    int skills = records.scale().skills().size();
    out.println("| sequence | stages done | seconds a stage | done after |");
    out.println("|---|---|---|---|");
    double sum = 0;
    for (StudyRun run : runs) {
      int left = study.left(run);
      double stage = clock.stageSeconds(run);
      sum += left * stage;
      out.printf(
          Locale.ROOT,
          "| %s | %d of %d | %.0f | %s |%n",
          run.name(),
          skills - left,
          skills,
          stage,
          left == 0 ? "done" : StudyClock.text(sum));
    }
    out.printf(
        "%n%d of %d stages are left, about %s%n",
        stagesLeft(), runs.size() * skills, StudyClock.text(sum));
    out.flush();
  }

  private int stagesLeft() throws IOException {
    int left = 0;
    for (StudyRun run : runs) {
      left += study().left(run);
    }
    return left;
  }

  private double secondsLeft() throws IOException {
    double seconds = 0;
    for (StudyRun run : runs) {
      seconds += study().left(run) * clock.stageSeconds(run);
    }
    return seconds;
  }

  private Study study() {
    return new Study(
        records,
        _ -> {
          throw new IllegalStateException("A plan opens no model");
        });
  }
}
