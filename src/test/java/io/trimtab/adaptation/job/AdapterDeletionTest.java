package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static io.trimtab.adaptation.job.JobBench.CLOCKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.adaptation.FaultyStore;
import io.trimtab.adaptation.FaultyStore.Step;
import io.trimtab.adaptation.feedback.Decision;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.adaptation.feedback.FoundPrediction;
import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.FileObjectStore;
import io.trimtab.store.LineName;
import io.trimtab.store.UnsyncedStore;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.testing.TurnedClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes with an adapter and what stays, whichever process deletes it and whoever is killed. */
class AdapterDeletionTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @TempDir private Path root;
  private final TurnedClock clock = new TurnedClock();
  private FileObjectStore files;
  private FaultyStore store;
  private JobBench here;

  @BeforeEach
  void open() {
    files = UnsyncedStore.open(root.resolve("store"));
    store = new FaultyStore(files);
    here = new JobBench(store, clock, root, "here");
  }

  @AfterEach
  void close() {
    files.close();
  }

  /** Who deletes: at once with all of it, or as one that is killed right after the adapter. */
  enum How {
    AT_ONCE,
    KILLED_BEHIND_THE_ADAPTER,
    AND_THE_STORE_FAILS_BEHIND_THE_ADAPTER
  }

  @ParameterizedTest
  @EnumSource(How.class)
  void allOfItGoesHereAndElsewhereAndNothingElseDoes(How how) {
    TuningJob job = fill(BIRDS);
    TuningJob others = here.queued(CLOCKS);
    here.predictions.keep("acme", "p-base", "", JobBench.asking(50), "A tit", base());
    JobBench there = another();
    delete(how);

    assertThat(here.now(job).state()).isEqualTo(JobState.CANCELLED);
    assertThat(here.now(job).error()).isEqualTo("The adapter was deleted");
    assertThat(here.now(others).state()).isEqualTo(JobState.QUEUED);
    there.examples.refresh();
    for (JobBench each : List.of(here, there, another())) {
      assertThat(each.examples.adapters()).containsExactly(CLOCKS);
      assertThat(each.examples.list(BIRDS)).isEmpty();
      assertThat(each.examples.list(CLOCKS)).hasSize(JobBench.EXAMPLES);
    }
    for (String gone : List.of("p-named", "p-exact", "p-answered")) {
      assertThat(here.predictions.find("acme", gone)).isInstanceOf(FoundPrediction.Unknown.class);
    }
    assertThat(here.predictions.find("acme", "p-base")).isInstanceOf(FoundPrediction.Present.class);

    clock.turn(Duration.ofHours(1));
    here.pictureSweep.run();
    assertThat(here.pictures.find("acme", picture(0))).as("needed by the other").isPresent();
    assertThat(here.pictures.find("acme", picture(40))).isEmpty();
    assertThat(here.pictures.find("acme", picture(50))).isPresent();
  }

  @Test
  void whatCameUnderTheNameSinceStaysThoughTheOldWasNotSweptYet() {
    TuningJob old = fill(BIRDS);
    JobBench there = another();
    there.registry.delete(BIRDS, 0, "");
    here.correct(BIRDS, "second", 2);
    here.jobs.change(old.id(), draft -> draft.failed("as if"));
    TuningJob next = here.start(BIRDS);
    here.deletion.sweep();
    assertThat(here.registry.get(BIRDS).activeRevision()).isZero();
    assertThat(here.examples.list(BIRDS))
        .extracting(each -> each.example().feedbackId())
        .containsExactly("birds-second-0", "birds-second-1");
    assertThat(here.now(next).state()).isEqualTo(JobState.QUEUED);
    here.deletion.sweep();
    assertThat(another().examples.list(BIRDS)).hasSize(2);
  }

  @Test
  void feedbackAfterTheDeletionMakesTheAdapterAnewAtRevisionZero() {
    TuningJob job = fill(BIRDS);
    here.runner(JobBench.QUICK).run(job);
    assertThat(here.registry.get(BIRDS).activeRevision()).isEqualTo(1);
    here.deletion.delete(BIRDS, "");
    JobBench there = another();
    there.correct(BIRDS, "second", 1);
    here.deletion.sweep();
    there.deletion.sweep();
    assertThat(here.registry.refresh(BIRDS).activeRevision()).isZero();
    assertThat(here.registry.get(BIRDS).revisions()).isEmpty();
    assertThat(here.examples.usable(BIRDS)).hasSize(1);
    // Its number was given already, and means one thing for ever.
    there.correct(BIRDS, "third", JobBench.EXAMPLES);
    here.examples.refresh();
    TuningJob next = here.start(BIRDS);
    here.runner(JobBench.QUICK).run(next);
    assertThat(here.now(next).publishedRevision()).isEqualTo(2);
  }

  /** The correction was sent before the deletion and read after it. */
  @Test
  void feedbackOnAPredictionThatWentWithTheAdapterIsRefused() {
    fill(BIRDS);
    here.deletion.delete(BIRDS, "");
    Feedback late =
        new Feedback(
            "late",
            BIRDS,
            Optional.of("p-named"),
            List.of(),
            "",
            "A robin",
            OptionalDouble.empty(),
            List.of());
    assertThat(here.examples.accept(late))
        .isInstanceOfSatisfying(
            FeedbackOutcome.Refused.class,
            refused -> assertThat(refused.reason()).startsWith("No prediction 'p-named' is kept"));
    assertThat(here.registry.list("acme")).isEmpty();
  }

  /** As another process deletes while this one is between the adapter and the example. */
  @Test
  void anExampleOfFeedbackThatADeletionOvertookGoesWithTheNextSweep() {
    here.correct(BIRDS, "first", 1);
    JobBench there = another();
    // Its picture and its adapter are there, so that the example is all that is written.
    store.atNext(
        Step.PUT,
        () -> {
          clock.turn(SECOND);
          there.deletion.delete(BIRDS, "");
        });
    here.correct(BIRDS, "second", 1);
    assertThat(store.isArmed(Step.PUT)).isFalse();
    here.deletion.sweep();
    assertThat(here.examples.adapters()).isEmpty();
    assertThat(another().registry.list("acme")).isEmpty();
  }

  @Test
  void anotherAdapterMayTakeTheIdsOfOneThatWasDeleted() {
    here.correct(BIRDS, "first", 2);
    JobBench there = another();
    here.deletion.delete(BIRDS, "");
    clock.turn(SECOND);
    assertThat(here.examples.accept(JobBench.feedback(CLOCKS, "birds-first-0", 0)))
        .isInstanceOf(FeedbackOutcome.Kept.class);
    // The other process has not looked since.
    assertThat(there.examples.usable(BIRDS)).isEmpty();
    assertThat(there.examples.list(BIRDS)).isEmpty();
    there.deletion.sweep();
    assertThat(there.examples.adapters()).containsExactly(CLOCKS);
    assertThat(another().examples.list(CLOCKS)).hasSize(1);
  }

  /** As a client does that sends a file of corrections again. */
  @Test
  void theSameIdsUnderTheSameNameStayThoughAnotherProcessKnowsTheOld() {
    here.correct(BIRDS, "first", 2);
    JobBench there = another();
    there.examples.retract("acme", "birds-first-1", "taken back before");
    here.deletion.delete(BIRDS, "");
    clock.turn(SECOND);
    here.correct(BIRDS, "first", 2);
    there.examples.delete(BIRDS, there.registry.lastDeleted(BIRDS).orElseThrow());
    assertThat(another().examples.list(BIRDS)).hasSize(2);
    there.deletion.sweep();
    for (JobBench each : List.of(here, there, another())) {
      assertThat(each.examples.usable(BIRDS)).hasSize(2);
      assertThat(each.examples.counts(BIRDS).retracted()).isZero();
    }
  }

  @Test
  void whatFailedUnderTheOldNameDoesNotHoldBackTheNew() {
    TuningJob job = here.queued(BIRDS);
    here.jobs.change(job.id(), draft -> draft.failed("as if"));
    assertThat(here.triggers.decision(BIRDS)).isInstanceOf(Decision.Wait.class);
    clock.turn(SECOND);
    here.deletion.delete(BIRDS, "");
    here.correct(BIRDS, "second", JobBench.EXAMPLES);
    assertThat(here.triggers.decision(BIRDS)).isInstanceOf(Decision.Tune.class);
  }

  /** Other clocks differ by seconds, and one that is set wrong by more. */
  @ParameterizedTest
  @ValueSource(ints = {5, 365 * 86_400})
  void whatComesAfterADeletionByAClockThatIsAheadStaysAndIsTunedOn(int seconds) {
    fill(BIRDS);
    TurnedClock ahead = new TurnedClock();
    ahead.turn(Duration.between(ahead.instant(), clock.instant()).plusSeconds(seconds));
    JobBench there = new JobBench(files, ahead, root, "there");
    there.deletion.delete(BIRDS, "");
    here.correct(BIRDS, "second", JobBench.EXAMPLES);
    TuningJob next = here.start(BIRDS);
    here.deletion.sweep();
    there.deletion.sweep();
    assertThat(another().examples.list(BIRDS))
        .hasSize(JobBench.EXAMPLES)
        .allMatch(each -> each.example().feedbackId().startsWith("birds-second-"));
    assertThat(here.now(next).state()).isEqualTo(JobState.QUEUED);

    here.runner(JobBench.QUICK).run(next);
    assertThat(here.now(next).state()).as(here.now(next).error()).isEqualTo(JobState.PUBLISHED);
    assertThat(here.triggers.decision(BIRDS)).isInstanceOf(Decision.Wait.class);
    here.correct(BIRDS, "third", JobBench.EXAMPLES);
    assertThat(here.triggers.decision(BIRDS)).isInstanceOf(Decision.Tune.class);
  }

  @Test
  void anAdapterWhoseVersionsCannotBeReadIsLeftAlone() {
    here.correct(BIRDS, "first", 1);
    here.correct(CLOCKS, "first", 1);
    here.registry.delete(CLOCKS, 0, "");
    files.putIfAbsent(LineName.of("adapters", "acme", "birds"), 2, new byte[] {'{'});
    here.deletion.sweep();
    assertThat(here.examples.adapters()).containsExactly(BIRDS);
  }

  @Test
  void oneThatIsNotThereIsNotDeleted() {
    assertThatThrownBy(() -> here.deletion.delete(new AdapterId("acme", "nobody"), ""))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "5"})
  void aSweepThatTheStoreEndsIsFinishedByTheNext(int number) {
    fill(BIRDS);
    here.registry.delete(BIRDS, 0, "");
    store.failAt(Step.DELETE_LINE, number);
    assertThatThrownBy(() -> here.deletion.sweep()).hasMessage("The disk is away");
    here.deletion.sweep();
    assertThat(another().examples.adapters()).isEmpty();
  }

  private void delete(How how) {
    switch (how) {
      case AT_ONCE -> here.deletion.delete(BIRDS, "");
      case KILLED_BEHIND_THE_ADAPTER -> {
        another().registry.delete(BIRDS, 0, "");
        here.deletion.sweep();
      }
      case AND_THE_STORE_FAILS_BEHIND_THE_ADAPTER -> {
        store.failAt(Step.LINES, 1);
        here.deletion.delete(BIRDS, "");
        assertThat(store.isArmed(Step.LINES)).isFalse();
        assertThat(here.examples.list(BIRDS)).isNotEmpty();
        here.deletion.sweep();
      }
    }
  }

  /** Examples of pictures 0 to 19, predictions of picture 40, a job in the queue. */
  private TuningJob fill(AdapterId adapter) {
    TuningJob job = here.queued(adapter);
    ServedBy revision = new ServedBy("fake", "0".repeat(64), adapter.name(), 3, "1".repeat(64), 1);
    here.predictions.keep("acme", "p-named", adapter.name(), JobBench.asking(40), "A tit", base());
    here.predictions.keep(
        "acme", "p-exact", adapter.name() + "@3", JobBench.asking(40), "A tit", revision);
    here.predictions.keep("acme", "p-answered", "", JobBench.asking(40), "A tit", revision);
    clock.turn(SECOND);
    return job;
  }

  private static ServedBy base() {
    return ServedBy.base("fake", "0".repeat(64));
  }

  private static String picture(int number) {
    return DrawnPictures.png(number).sha256();
  }

  private JobBench another() {
    return new JobBench(files, clock, root, "there");
  }
}
