package io.trimtab.adaptation.job;

import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static io.trimtab.adaptation.job.JobBench.CLOCKS;
import static io.trimtab.adaptation.job.JobBench.QUICK;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.feedback.Example;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.adaptation.gate.EvaluationItem;
import io.trimtab.adaptation.probes.Probe;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.RevisionState;
import io.trimtab.drift.QuestionKey;
import io.trimtab.engine.api.EncodedConversation;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import io.trimtab.testing.FakeEngine;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.TrainingSequence.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a job ends, and what of it is left. */
@Timeout(180)
class JobRunnerTest {
  private static final EncodedConversation ENCODED =
      new EncodedConversation(new int[] {1, 2, 3, 4, 5}, 4, List.of());

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

  @ParameterizedTest
  @CsvSource({"PASSED, PUBLISHED, ACTIVE", "REFUSED, REJECTED, REJECTED"})
  void aJobEndsAsTheGateSays(Verdict verdict, JobState ended, RevisionState kept) {
    TuningJob job = here.queued(BIRDS);
    here.judge((tenant, candidate, set, listener) -> JobBench.judgement(verdict));
    JobRig.run(here, job);
    TuningJob now = here.now(job);
    assertThat(now.state()).as(now.error()).isEqualTo(ended);
    assertThat(now.publishedRevision()).isEqualTo(1);
    assertThat(now.gate()).isEqualTo(JobBench.judgement(verdict).report());
    assertThat(now.counts().all()).isEqualTo(JobBench.EXAMPLES);
    assertThat(here.revisions(BIRDS)).extracting(Revision::state).containsExactly(kept);
    assertThat(here.folders.of(job.id())).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "RESOURCE_EXHAUSTED, out of memory",
    "UNAVAILABLE, device is gone",
    "INTERNAL, a fault of the trainer",
  })
  void aTrainerThatFailsFailsTheJobAndWhatItWasToLearnIsTriedAfterThePause(
      ErrorCode code, String message) {
    TuningJob job = here.queued(BIRDS);
    here.trainer.script(run -> run.fail(code, message));
    JobRig.run(here, job);
    rig.requireFailed(job, message);
    rig.requirePauseThenAnother(BIRDS);
    rig.requireTheNextRuns();
  }

  @Test
  void aJudgeThatFindsNoRoomFailsTheJobAndWhatItWasToLearnIsTriedAfterThePause() {
    TuningJob job = here.queued(BIRDS);
    here.judge(
        (tenant, candidate, set, listener) -> {
          throw new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "The queue is full");
        });
    JobRig.run(here, job);
    rig.requireFailed(job, "The queue is full");
    rig.requirePauseThenAnother(BIRDS);
    rig.requireTheNextRuns();
  }

  @Test
  void anAdapterWithoutRoomForARevisionIsNotTrained() {
    here.judge((tenant, candidate, set, listener) -> JobBench.judgement(Verdict.REFUSED));
    for (int revision = 1; revision <= JobBench.LIMITS.revisionsPerAdapterMax(); revision++) {
      here.correct(BIRDS, "round-" + revision, JobBench.EXAMPLES);
      JobRig.run(here, here.start(BIRDS));
    }
    assertThat(here.revisions(BIRDS)).hasSize(JobBench.LIMITS.revisionsPerAdapterMax());
    int trained = here.trainer.runs().size();
    here.correct(BIRDS, "last", JobBench.EXAMPLES);
    TuningJob job = here.start(BIRDS);
    JobRig.run(here, job);
    assertThat(here.now(job).state()).isEqualTo(JobState.FAILED);
    assertThat(here.now(job).error()).contains("has 9 revisions").endsWith(": delete some");
    assertThat(here.trainer.runs()).hasSize(trained);
  }

  /** What is damaged here and there: a name below the job's folder, and how many bytes are left. */
  @ParameterizedTest
  @CsvSource({
    "delta/adapter_model.safetensors, 1000",
    "delta/adapter_model.safetensors, 0",
    "delta/adapter_model.safetensors, -1",
    "delta/adapter_config.json, 20",
    "delta/adapter_config.json, -1",
  })
  void aDeltaThatIsDamagedFailsTheJob(String name, int bytes) {
    TuningJob job = here.queued(BIRDS);
    here.trainer.script(
        run -> {
          run.finish();
          JobRig.damage(run.folder().resolve(name), bytes);
        });
    JobRig.run(here, job);
    TuningJob now = here.now(job);
    assertThat(now.state()).isEqualTo(JobState.FAILED);
    assertThat(now.error())
        .startsWith("The delta that was trained can't be read: ")
        .hasSizeGreaterThan(50);
    assertThat(here.revisions(BIRDS)).isEmpty();
    rig.requireTheNextRuns();
  }

  @Test
  void anErrorOfTheProgramFailsTheJobAndNotTheThread() {
    TuningJob job = here.queued(BIRDS);
    here.judge(
        (tenant, candidate, set, listener) -> {
          throw new OutOfMemoryError("as the test ordered");
        });
    JobRig.run(here, job);
    rig.requireFailed(job, "The server ran out of memory: as the test ordered");
    rig.requireTheNextRuns();
  }

  @Test
  void whatWasTrainedOnIsNotAskedThoughExamplesWereTakenBackMeanwhile() {
    here.correct(BIRDS, "first", 120);
    TuningJob job = here.start(BIRDS);
    List<String> trained = new ArrayList<>();
    here.engine.encoder(
        messages -> new EncodedConversation(new int[] {1, 2, 3, 4, 5}, 4, List.of()));
    here.trainer.script(
        run -> {
          ExampleSplit split = ExampleSplit.of(here.examples.usable(BIRDS), JobBench.GATE_MIN);
          Stream.of(split.training(), split.validation())
              .flatMap(List::stream)
              .forEach(example -> trained.add(example.feedbackId()));
          split.gate().forEach(example -> here.examples.retract("acme", example.feedbackId(), ""));
          // Judged after a restart, which looks at the examples anew.
          Thread.currentThread().interrupt();
        });
    List<String> asked = new ArrayList<>();
    here.judge(
        (tenant, candidate, set, listener) -> {
          set.validation().stream().map(EvaluationItem::id).forEach(asked::add);
          return JobBench.judgement(Verdict.PASSED);
        });
    JobRig.run(here, job);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(asked).isEmpty();
    here.trainer.script(ScriptedTrainer.Run::finish);
    JobRig.run(here, job);
    // With fewer examples the gate's share grows, over some that were trained on.
    assertThat(ExampleSplit.of(here.examples.usable(BIRDS), JobBench.GATE_MIN).gate())
        .extracting(example -> example.feedbackId())
        .containsAnyElementsOf(trained);
    assertThat(asked).doesNotContainAnyElementsOf(trained);
  }

  /** A person who corrects the same twice, or sends a file again, judges by no lesson. */
  @Test
  void whatWasTrainedOnIsNotAskedUnderAnotherId() {
    here.correct(BIRDS, "first", 60);
    here.correct(BIRDS, "again", 60);
    TuningJob job = here.start(BIRDS);
    Set<String> trained = new HashSet<>();
    here.engine.encoder(
        messages -> {
          trained.add(QuestionKey.hex(messages));
          return ENCODED;
        });
    Set<String> asked = new HashSet<>();
    here.judge(
        (tenant, candidate, set, listener) -> {
          set.validation().forEach(item -> asked.add(QuestionKey.hex(item.messages())));
          return JobBench.judgement(Verdict.PASSED);
        });
    JobRig.run(here, job);
    rig.requirePublished(job);
    assertThat(asked).isNotEmpty().doesNotContainAnyElementsOf(trained);
    assertThat(asked.size() + trained.size()).isEqualTo(60);
  }

  /** From a process whose clock is behind, so that the job takes it for one of its own. */
  @Test
  void whatWasTrainedOnIsNotAskedUnderAnIdThatCameMeanwhile() {
    here.correct(BIRDS, "first", 120);
    TuningJob job = here.start(BIRDS);
    Set<String> trained = new HashSet<>();
    here.engine.encoder(
        messages -> {
          trained.add(QuestionKey.hex(messages));
          return ENCODED;
        });
    here.trainer.script(
        run -> {
          ExampleSplit split = ExampleSplit.of(here.examples.usable(BIRDS), JobBench.GATE_MIN);
          rig.clock().turn(Duration.ofMinutes(-1));
          List<Example> lessons = new ArrayList<>(split.training());
          lessons.addAll(split.validation());
          for (Example example : lessons) {
            int picture = Integer.parseInt(example.feedbackId().substring("birds-first-".length()));
            assertThat(
                    here.examples.accept(
                        JobBench.feedback(BIRDS, "birds-again-" + picture, picture)))
                .isInstanceOf(FeedbackOutcome.Kept.class);
          }
          rig.clock().turn(Duration.ofMinutes(1));
          split.gate().forEach(example -> here.examples.retract("acme", example.feedbackId(), ""));
          // Judged after a restart, which looks at the examples anew.
          Thread.currentThread().interrupt();
        });
    JobRig.run(here, job);
    assertThat(Thread.interrupted()).isTrue();
    Set<String> asked = new HashSet<>();
    here.judge(
        (tenant, candidate, set, listener) -> {
          set.validation().forEach(item -> asked.add(QuestionKey.hex(item.messages())));
          return JobBench.judgement(Verdict.PASSED);
        });
    here.trainer.script(ScriptedTrainer.Run::finish);
    JobRig.run(here, job);
    rig.requirePublished(job);
    // With fewer examples the gate's share grows, over some that were trained on.
    assertThat(ExampleSplit.of(here.examples.usable(BIRDS), JobBench.GATE_MIN).gate())
        .extracting(Example::feedbackId)
        .anyMatch(id -> id.startsWith("birds-again-"));
    assertThat(asked).doesNotContainAnyElementsOf(trained);
  }

  /** As it is after an upgrade that splits otherwise: else none of it would be left to judge by. */
  @Test
  void whatTheFolderHeldBackJudgesWhateverTheSplitIsToday() {
    here.correct(BIRDS, "first", JobBench.EXAMPLES);
    TuningJob job = here.start(BIRDS);
    Set<String> heldBack =
        ids(ExampleSplit.of(here.examples.usable(BIRDS), JobBench.GATE_MIN).gate());
    here.trainer.script(run -> Thread.currentThread().interrupt());
    JobRig.run(here, job);
    assertThat(Thread.interrupted()).isTrue();
    // The gate's share falls, so that some are for training now.
    here.correct(BIRDS, "second", 10 * JobBench.EXAMPLES);
    ExampleSplit today = ExampleSplit.of(here.examples.usable(BIRDS), JobBench.GATE_MIN);
    assertThat(ids(today.gate()).containsAll(heldBack)).isFalse();
    Set<String> asked = new HashSet<>();
    here.judge(
        (tenant, candidate, set, listener) -> {
          set.validation().forEach(item -> asked.add(item.id()));
          return JobBench.judgement(Verdict.PASSED);
        });
    here.trainer.script(ScriptedTrainer.Run::finish);
    JobRig.run(here, job);
    rig.requirePublished(job);
    assertThat(asked).containsAll(heldBack);
  }

  private static Set<String> ids(List<Example> examples) {
    return examples.stream().map(Example::feedbackId).collect(Collectors.toSet());
  }

  @Test
  void anExampleThatIsTooLongIsLeftOutAndTheOthersAreTrainedOn() {
    here.correct(BIRDS, "first", JobBench.EXAMPLES);
    TuningJob job = here.start(BIRDS);
    ExampleSplit split = ExampleSplit.of(here.examples.usable(BIRDS), JobBench.GATE_MIN);
    Example tooLong = split.training().getFirst();
    failEncoding(tooLong);
    List<String> trained = trainedIds(Split.TRAINING);
    JobRig.run(here, job);
    rig.requirePublished(job);
    assertThat(trained)
        .containsExactlyInAnyOrderElementsOf(
            split.training().stream()
                .filter(example -> !example.equals(tooLong))
                .map(Example::feedbackId)
                .toList());
  }

  @Test
  void whereNoExampleCanBeReadTheJobFailsAndSaysWhy() {
    TuningJob job = here.queued(BIRDS);
    here.engine.encoder(
        messages -> {
          throw TrimtabException.invalid("9000 tokens, expected at most 4096");
        });
    JobRig.run(here, job);
    assertThat(here.now(job).state()).isEqualTo(JobState.FAILED);
    assertThat(here.now(job).error())
        .startsWith("None of ")
        .contains("can be trained on; 'birds-first-", "9000 tokens, expected at most 4096");
    assertThat(here.trainer.runs()).isEmpty();
    rig.requireTheNextRuns();
  }

  /** It would hold up the jobs of all tenants. */
  @Test
  void aRehearsalPictureThatCannotBeReadIsLeftOut() {
    here.rehearse(
        Stream.of("sound", "spoilt", "lost")
            .map(id -> new Probe(id, "color", asking(id), Optional.empty()))
            .toList());
    here.engine.script(
        (request, listener) -> {
          if (request.messages().equals(asking("spoilt"))) {
            listener.failed(TrimtabException.invalid("Picture 1 is not one that can be decoded"));
          } else if (request.messages().equals(asking("lost"))) {
            throw new TrimtabException(ErrorCode.NOT_FOUND, "Picture 1 is not kept");
          } else {
            listener.finished(FakeEngine.completion("red"));
          }
        });
    TuningJob job = here.queued(BIRDS);
    List<String> rehearsed = trainedIds(Split.REHEARSAL);
    JobRig.run(here, job);
    rig.requirePublished(job);
    assertThat(rehearsed).containsExactly("rehearsal:sound");
  }

  @Test
  void whereNothingThatIsRehearsedCanBeReadTheJobFailsAndSaysWhy() {
    here.rehearse(
        Stream.of("spoilt", "torn")
            .map(id -> new Probe(id, "color", asking(id), Optional.empty()))
            .toList());
    here.engine.script(
        (request, listener) ->
            listener.failed(TrimtabException.invalid("Picture 1 is not one that can be decoded")));
    TuningJob job = here.queued(BIRDS);
    JobRig.run(here, job);
    assertThat(here.now(job).state()).isEqualTo(JobState.FAILED);
    assertThat(here.now(job).error())
        .startsWith("None of 2 prompts to rehearse can be trained on; 'rehearsal:spoilt'");
    assertThat(here.trainer.runs()).isEmpty();
  }

  /** What is no example's fault is the job's. */
  @Test
  void anEngineThatStopsFailsTheJobAndNamesTheExample() {
    TuningJob job = here.queued(BIRDS);
    here.engine.encoder(
        messages -> {
          throw new TrimtabException(ErrorCode.INTERNAL, "The picture's graph failed");
        });
    JobRig.run(here, job);
    assertThat(here.now(job).state()).isEqualTo(JobState.FAILED);
    assertThat(here.now(job).error()).contains("'birds-first-", "The picture's graph failed");
  }

  private void failEncoding(Example example) {
    String tooLong = QuestionKey.hex(here.conversations.read("acme", example.conversation()));
    here.engine.encoder(
        messages -> {
          if (QuestionKey.hex(messages).equals(tooLong)) {
            throw TrimtabException.invalid("9000 tokens, expected at most 4096");
          }
          return ENCODED;
        });
  }

  /** Filled with the ids of that part as the trainer is started. */
  private List<String> trainedIds(Split part) {
    List<String> ids = new ArrayList<>();
    here.trainer.script(
        run -> {
          JobFolder.open(run.folder()).sequences(part).forEach(each -> ids.add(each.id()));
          run.finish();
        });
    return ids;
  }

  private static List<ChatMessage> asking(String words) {
    return List.of(ChatMessage.text(Role.USER, words));
  }

  @Test
  void theFolderOfAJobThatEndedElsewhereIsSweptAndOthersAreNot() throws IOException {
    TuningJob ended = here.queued(BIRDS);
    TuningJob open = here.queued(CLOCKS);
    for (String name : List.of(ended.id(), open.id(), "notes", "f".repeat(32))) {
      Files.createDirectories(here.folders.of(name).resolve("pictures"));
    }
    rig.another().jobs.cancel("acme", ended.id());
    here.runner(QUICK).sweep();
    try (Stream<Path> left = Files.list(here.folders.root())) {
      assertThat(left)
          .extracting(path -> path.getFileName().toString())
          .containsExactlyInAnyOrder(open.id(), "notes", "f".repeat(32));
    }
  }
}
