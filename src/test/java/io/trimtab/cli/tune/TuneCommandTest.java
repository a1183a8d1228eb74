package io.trimtab.cli.tune;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.cli.PrintedCommand;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.serving.RunningLoop;
import io.trimtab.testing.DrawnPictures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of {@code tune}, against a running server at which nothing tunes. */
final class TuneCommandTest {
  private static final AdapterId BIRDS = new AdapterId("default", "birds");

  @TempDir private Path folder;

  private RunningLoop server;
  private PrintedCommand tune;

  @BeforeEach
  void start() throws IOException {
    server = RunningLoop.start(folder);
    tune = PrintedCommand.group("tune", server.address());
    var _ = server.log().append(correction()).join();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Feedback correction() {
    return new Feedback(
        "f1",
        BIRDS,
        Optional.empty(),
        List.of(new ChatMessage(Role.USER, List.of(new PicturePart(DrawnPictures.png(1))))),
        "",
        "wren",
        OptionalDouble.empty(),
        List.of());
  }

  @Test
  void aStartedJobIsNamedListedAndCancelled() throws Exception {
    assertThat(tune.run("start", "birds", "--recipe", "gate-up")).isZero();
    String id = job().id();
    assertThat(tune.printed())
        .isEqualTo("Job %s tunes birds: follow it with 'trimtab tune watch %s'".formatted(id, id));
    assertThat(tune.run("list")).isZero();
    assertThat(tune.printed().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("JOB ").contains("ADAPTER  STATE   RECIPE "),
            line ->
                assertThat(line)
                    .startsWith(id)
                    .containsPattern("birds +queued +gate-up +manual +\\d+ +0/0 +- "));
    assertThat(tune.run("list", "other")).isZero();
    assertThat(tune.printed().lines()).hasSize(1);
    assertThat(tune.json("list", "birds").get("jobs").get(0).get("job_id").asText()).isEqualTo(id);
    assertThat(tune.run("start", "birds")).isEqualTo(1);
    assertThat(tune.errors()).contains("under way").hasLineCount(1);
    assertThat(tune.run("cancel", id)).isZero();
    assertThat(tune.printed()).isEqualTo("Job %s is cancelled".formatted(id));
    assertThat(tune.run("cancel", id)).isEqualTo(1);
    assertThat(tune.errors()).startsWith("trimtab: ").hasLineCount(1);
    assertThat(tune.run("watch", id)).isEqualTo(1);
    assertThat(tune.printed()).endsWith("The job is cancelled");
  }

  @Test
  void whatCannotBeTunedIsOneLine() {
    assertThat(tune.run("start", "nobody")).isEqualTo(1);
    assertThat(tune.errors()).startsWith("trimtab: There is no adapter 'nobody'").hasLineCount(1);
    assertThat(tune.run("start", "birds", "--recipe", "all")).isEqualTo(1);
    assertThat(tune.errors()).contains("sa-proj, sa-qkv");
    assertThat(tune.run("watch", "no-job")).isEqualTo(1);
    assertThat(tune.errors()).contains("no-job").hasLineCount(1);
    assertThat(tune.run("watch", "no-job", "--tenant", "../x")).isEqualTo(1);
    assertThat(tune.errors()).contains("x-tenant is '../x'");
    assertThat(tune.run("start")).isEqualTo(2);
    assertThat(tune.errors()).contains("ADAPTER");
  }

  @Test
  void aJobIsFollowedToItsRevision() throws Exception {
    CompletableFuture<Integer> exit = tune.started("start", "birds", "--wait");
    String id = job().id();
    tune.await(() -> tune.printedSoFar().contains("queued"));
    server.jobs().change(id, draft -> draft.state(JobState.TRAINING));
    tune.await(() -> tune.printedSoFar().contains("laying out the data"));
    server.jobs().progressed(id, new Progress(3, 10, 0.5, Double.NaN, 0, 100));
    server.jobs().change(id, draft -> draft.state(JobState.EVALUATING));
    tune.await(() -> tune.printedSoFar().contains("evaluating"));
    server
        .jobs()
        .change(
            id, draft -> draft.state(JobState.PUBLISHED).gate(report(Verdict.PASSED)).revision(4));
    assertThat(exit.get(60, TimeUnit.SECONDS)).isZero();
    assertThat(tune.printed().lines())
        .startsWith("queued", "laying out the data")
        .contains("evaluating")
        .endsWith(
            "CHECK       VALUE  LIMIT  VERDICT  DETAIL",
            "forgetting  0.020  0.080  passed   as it was",
            "birds@4 is published");
  }

  @Test
  void aRefusalByTheGateIsAnExitCodeOfItsOwn() throws Exception {
    CompletableFuture<Integer> exit = tune.started("start", "birds", "--wait");
    String id = job().id();
    server.jobs().change(id, draft -> draft.state(JobState.TRAINING));
    server
        .jobs()
        .change(
            id, draft -> draft.state(JobState.REJECTED).gate(report(Verdict.REFUSED)).revision(2));
    assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(3);
    assertThat(tune.printed())
        .contains("forgetting  0.020  0.080  REFUSED")
        .endsWith("The gate refused the candidate; it is kept as birds@2, REJECTED");
    assertThat(tune.run("watch", id)).isEqualTo(3);
    JsonNode last = tune.json(3, "watch", id);
    assertThat(last.get("state").asText()).isEqualTo("TUNING_STATE_REJECTED");
    assertThat(last.get("gate").get("checks").get(0).get("name").asText()).isEqualTo("forgetting");
  }

  @Test
  void aFailedJobSaysWhy() throws Exception {
    CompletableFuture<Integer> exit = tune.started("start", "birds", "--wait");
    String id = job().id();
    server.jobs().change(id, draft -> draft.failed("The trainer\nended: 137"));
    assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(tune.printed()).endsWith("The job failed: The trainer?ended: 137");
  }

  private static GateReport report(Verdict verdict) {
    return new GateReport(
        verdict, List.of(new GateReport.Check("forgetting", 0.02, 0.08, verdict, "as it was")));
  }

  /** The only job, once it is there. */
  private TuningJob job() {
    tune.await(() -> !server.jobs().list(BIRDS.tenant()).isEmpty());
    return server.jobs().list(BIRDS.tenant()).getFirst();
  }
}
