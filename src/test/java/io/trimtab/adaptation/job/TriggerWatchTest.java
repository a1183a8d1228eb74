package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static io.trimtab.adaptation.job.JobBench.EXAMPLES;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.feedback.Decision;
import io.trimtab.adaptation.feedback.DueAdapter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which examples call for a job, whatever the clock has said meanwhile. */
@Timeout(180)
class TriggerWatchTest {
  private static final Duration YEAR = Duration.ofDays(365);

  @TempDir private Path root;
  private JobRig rig;
  private JobBench here;

  @BeforeEach
  void open() {
    rig = JobRig.open(root);
    here = rig.here();
  }

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void anExampleOfAClockThatWasAheadIsSeenOnceAndHidesNoOther() {
    rig.clock().turn(YEAR);
    here.correct(BIRDS, "ahead", 1);
    rig.clock().turn(YEAR.negated());
    run(here.queued(BIRDS));
    assertThat(here.triggers.decision(BIRDS)).isInstanceOf(Decision.Wait.class);
    assertThat(here.triggers.tuned(BIRDS)).hasSize(EXAMPLES + 1);
    requireMoreIsTunedOnOnce();
  }

  @Test
  void whatComesWhileAJobRunsThatTookInOneOfAClockAheadIsNew() {
    rig.clock().turn(YEAR);
    here.correct(BIRDS, "ahead", 1);
    rig.clock().turn(YEAR.negated());
    TuningJob job = here.queued(BIRDS);
    here.trainer.script(
        training -> {
          here.correct(BIRDS, "meanwhile", 1);
          training.finish();
        });
    run(job);
    assertThat(here.triggers.tuned(BIRDS))
        .hasSize(EXAMPLES + 1)
        .contains("birds-ahead-0")
        .doesNotContain("birds-meanwhile-0");
  }

  @Test
  void aJobThatRanWhileTheClockWasAheadHidesNothing() {
    rig.clock().turn(YEAR);
    run(here.queued(BIRDS));
    assertThat(here.triggers.decision(BIRDS)).isInstanceOf(Decision.Wait.class);
    rig.clock().turn(YEAR.negated());
    assertThat(here.triggers.decision(BIRDS)).isInstanceOf(Decision.Wait.class);
    requireMoreIsTunedOnOnce();
  }

  /** Nobody here follows it: its revision may even be one that cannot be loaded here. */
  @Test
  void anAdapterThatAnotherProcessMadeIsTunedHere() {
    rig.another().correct(BIRDS, "first", EXAMPLES);
    here.examples.refresh();
    assertThat(here.triggers.due(List.of())).extracting(DueAdapter::adapter).containsExactly(BIRDS);
    TuningJob job = here.start(BIRDS);
    run(job);
    assertThat(here.now(job).state()).as(here.now(job).error()).isEqualTo(JobState.PUBLISHED);
  }

  @Test
  void whetherAnAdapterIsDueIsToldWithoutReadingItsExamples() {
    run(here.queued(BIRDS));
    here.correct(BIRDS, "second", 1);
    int before = rig.store().reads("examples");
    assertThat(before).isPositive();
    assertThat(here.triggers.due(List.of())).isEmpty();
    assertThat(here.triggers.tuned(BIRDS)).hasSize(EXAMPLES);
    assertThat(rig.store().reads("examples")).isEqualTo(before);
  }

  @Test
  void whichJobsAnAdapterHadIsReadOnce() {
    run(here.queued(BIRDS));
    here.correct(BIRDS, "second", EXAMPLES);
    run(here.start(BIRDS));
    assertThat(here.triggers.due(List.of())).isEmpty();
    int before = rig.store().reads("job-turns");
    assertThat(before).isPositive();
    assertThat(here.triggers.due(List.of())).isEmpty();
    assertThat(here.jobs.of(BIRDS)).hasSize(2);
    assertThat(rig.store().reads("job-turns")).isEqualTo(before);
  }

  private void requireMoreIsTunedOnOnce() {
    here.correct(BIRDS, "second", EXAMPLES);
    assertThat(here.triggers.decision(BIRDS)).isInstanceOf(Decision.Tune.class);
    run(here.start(BIRDS));
    assertThat(here.triggers.decision(BIRDS)).isInstanceOf(Decision.Wait.class);
  }

  private void run(TuningJob job) {
    JobRig.run(here, job);
    assertThat(here.now(job).state()).as(here.now(job).error()).isEqualTo(JobState.PUBLISHED);
  }
}
