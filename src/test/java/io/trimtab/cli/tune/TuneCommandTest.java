package io.trimtab.cli.tune;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.cli.TrimtabCommand;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.serving.RunningLoop;
import io.trimtab.serving.grpc.ServerChannel;
import io.trimtab.testing.DrawnPictures;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Every command of {@code tune}, against a running server at which nothing tunes. */
final class TuneCommandTest {
  private static final AdapterId BIRDS = new AdapterId("default", "birds");
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private RunningLoop server;

  @BeforeEach
  void start() throws IOException {
    server = RunningLoop.start(folder);
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
    assertThat(run("start", "birds", "--recipe", "gate-up")).isZero();
    String id = job().id();
    assertThat(printed())
        .isEqualTo("Job %s tunes birds: follow it with 'trimtab tune watch %s'".formatted(id, id));
    assertThat(run("list")).isZero();
    assertThat(printed().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("JOB ").contains("ADAPTER  STATE   RECIPE "),
            line ->
                assertThat(line)
                    .startsWith(id)
                    .containsPattern("birds +queued +gate-up +manual +\\d+ +0/0 +- "));
    assertThat(run("list", "other")).isZero();
    assertThat(printed().lines()).hasSize(1);
    assertThat(json("list", "birds").get("jobs").get(0).get("job_id").asText()).isEqualTo(id);
    assertThat(run("start", "birds")).isEqualTo(1);
    assertThat(errors()).contains("under way").hasLineCount(1);
    assertThat(run("cancel", id)).isZero();
    assertThat(printed()).isEqualTo("Job %s is cancelled".formatted(id));
    assertThat(run("cancel", id)).isEqualTo(1);
    assertThat(errors()).startsWith("trimtab: ").hasLineCount(1);
    assertThat(run("watch", id)).isEqualTo(1);
    assertThat(printed()).endsWith("The job is cancelled");
  }

  @Test
  void whatCannotBeTunedIsOneLine() {
    assertThat(run("start", "nobody")).isEqualTo(1);
    assertThat(errors()).startsWith("trimtab: There is no adapter 'nobody'").hasLineCount(1);
    assertThat(run("start", "birds", "--recipe", "all")).isEqualTo(1);
    assertThat(errors()).contains("sa-proj, sa-qkv");
    assertThat(run("watch", "no-job")).isEqualTo(1);
    assertThat(errors()).contains("no-job").hasLineCount(1);
    assertThat(run("watch", "no-job", "--tenant", "../x")).isEqualTo(1);
    assertThat(errors()).contains("x-tenant is '../x'");
    assertThat(run("start")).isEqualTo(2);
    assertThat(errors()).contains("ADAPTER");
  }

  @Test
  void aJobIsFollowedToItsRevision() throws Exception {
    CompletableFuture<Integer> exit = started("start", "birds", "--wait");
    String id = job().id();
    await(() -> out.toString().contains("queued"));
    server.jobs().change(id, draft -> draft.state(JobState.TRAINING));
    await(() -> out.toString().contains("laying out the data"));
    server.jobs().progressed(id, new Progress(3, 10, 0.5, Double.NaN, 0, 100));
    server.jobs().change(id, draft -> draft.state(JobState.EVALUATING));
    await(() -> out.toString().contains("evaluating"));
    server
        .jobs()
        .change(
            id, draft -> draft.state(JobState.PUBLISHED).gate(report(Verdict.PASSED)).revision(4));
    assertThat(exit.get(60, TimeUnit.SECONDS)).isZero();
    assertThat(printed().lines())
        .startsWith("queued", "laying out the data")
        .contains("evaluating")
        .endsWith(
            "CHECK       VALUE  LIMIT  VERDICT  DETAIL",
            "forgetting  0.020  0.080  passed   as it was",
            "birds@4 is published");
  }

  @Test
  void aRefusalByTheGateIsAnExitCodeOfItsOwn() throws Exception {
    CompletableFuture<Integer> exit = started("start", "birds", "--wait");
    String id = job().id();
    server.jobs().change(id, draft -> draft.state(JobState.TRAINING));
    server
        .jobs()
        .change(
            id, draft -> draft.state(JobState.REJECTED).gate(report(Verdict.REFUSED)).revision(2));
    assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(3);
    assertThat(printed())
        .contains("forgetting  0.020  0.080  REFUSED")
        .endsWith("The gate refused the candidate; it is kept as birds@2, REJECTED");
    assertThat(run("watch", id)).isEqualTo(3);
    JsonNode last = json(3, "watch", id);
    assertThat(last.get("state").asText()).isEqualTo("TUNING_STATE_REJECTED");
    assertThat(last.get("gate").get("checks").get(0).get("name").asText()).isEqualTo("forgetting");
  }

  @Test
  void aFailedJobSaysWhy() throws Exception {
    CompletableFuture<Integer> exit = started("start", "birds", "--wait");
    String id = job().id();
    server.jobs().change(id, draft -> draft.failed("The trainer\nended: 137"));
    assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(printed()).endsWith("The job failed: The trainer?ended: 137");
  }

  private static GateReport report(Verdict verdict) {
    return new GateReport(
        verdict, List.of(new GateReport.Check("forgetting", 0.02, 0.08, verdict, "as it was")));
  }

  /** The only job, once it is there. */
  private TuningJob job() {
    await(() -> !server.jobs().list(BIRDS.tenant()).isEmpty());
    return server.jobs().list(BIRDS.tenant()).getFirst();
  }

  private CompletableFuture<Integer> started(String... command) {
    CompletableFuture<Integer> exit = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> exit.complete(run(command)));
    return exit;
  }

  private JsonNode json(String... command) throws IOException {
    return json(0, command);
  }

  private JsonNode json(int expected, String... command) throws IOException {
    printed();
    List<String> withJson = new ArrayList<>(List.of(command));
    withJson.add("--json");
    assertThat(run(withJson.toArray(String[]::new))).as(err.toString()).isEqualTo(expected);
    return new ObjectMapper().readTree(printed());
  }

  /** What was printed since the last look. */
  private String printed() {
    return taken(out);
  }

  private String errors() {
    return taken(err);
  }

  private static String taken(StringWriter writer) {
    String text = writer.toString().stripTrailing();
    writer.getBuffer().setLength(0);
    return text;
  }

  private int run(String... command) {
    List<String> arguments = new ArrayList<>(List.of("tune"));
    arguments.addAll(List.of(command));
    arguments.addAll(List.of("--server", server.address()));
    return TrimtabCommand.commandLine(
            _ -> 0,
            other -> {
              throw new AssertionError("No test asks " + other);
            },
            ServerChannel::open)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments.toArray(String[]::new));
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + WAIT_MAX.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Waited in vain for " + WAIT_MAX);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }
}
