package io.trimtab.cli.drift;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.adapter.AdapterId;
import io.trimtab.cli.PrintedCommand;
import io.trimtab.drift.Served;
import io.trimtab.serving.RunningAdapters;
import io.trimtab.serving.drift.HandFedDrift;
import io.trimtab.serving.drift.HandFedDrift.Gate;
import io.trimtab.testing.AdapterBench;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both commands of {@code drift}, against a running server whose drift watch is fed by hand. */
final class DriftCommandTest {
  private static final AdapterId BIRDS = new AdapterId("default", "birds");
  private static final Duration WAIT_MAX = Duration.ofSeconds(60);

  @TempDir private Path folder;

  private RunningAdapters server;
  private HandFedDrift drift;
  private PrintedCommand command;

  @BeforeEach
  void start() throws IOException {
    server = RunningAdapters.start(AdapterBench.open(folder));
    drift = server.drift();
    command = PrintedCommand.group("drift", server.address());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void whatIsServedByBaseHasNothingToWatch() {
    var _ = server.bench().registry().create(BIRDS);
    assertThat(command.run("report", "birds")).isZero();
    assertThat(command.printed())
        .isEqualTo(
            """
            birds is served by base: there is nothing to watch

            Base reads 10 % of this server's live answers as well: since it started 20 were
            chosen and 15 read, 4 were left out for want of room, 1 failed.""");
  }

  @Test
  void whatNobodyHasReadAndNoGateHasSeenIsSaidInWords() {
    drift.serve(BIRDS, Gate.UNSEEN, 100);
    assertThat(command.run("report", "birds")).isZero();
    assertThat(command.printed())
        .isEqualTo(
            """
            birds@1 at scale 1: stable
            No gate has seen it, so nothing says what it may do: far from base it is warned
            of, and the probes decide.
            None of its answers was read by base yet on this server, so nothing is known of
            it.

            Base reads 10 % of this server's live answers as well: since it started 20 were
            chosen and 15 read, 4 were left out for want of room, 1 failed.""");
  }

  @Test
  void whatWasReadIsShownWithTheCanaryAndWhatWasDone() throws Exception {
    Served birds = drift.serve(BIRDS, Gate.SEEN, 100);
    Served canary = drift.serve(BIRDS, Gate.UNSEEN, 10);
    drift.answered(canary, 1, 0.05);
    drift.answered(birds, 40, 0.3);
    assertThat(command.run("report", "birds")).isZero();
    assertThat(command.printed())
        .contains("birds@1 at scale 0.7: stable")
        .contains("Canary birds@2 at scale 1: stable", "number_token_bias  more")
        .contains("birds@1  DRIFT  number_token_bias more", "  damp: numbers_bias+");
    JsonNode report = command.json("report", "birds");
    assertThat(report.get("canary_report").get("metrics").get(0).get("direction").asText())
        .isEqualTo("more");
    assertThat(report.get("events").findValuesAsText("action")).contains("damp");
  }

  @Test
  void withoutANameEveryAdapterIsALine() throws Exception {
    var _ = server.bench().registry().create(new AdapterId("default", "idle"));
    drift.answered(drift.serve(BIRDS, Gate.SEEN, 100), 3, 0.01);
    drift.serve(BIRDS, Gate.UNSEEN, 10);
    drift.serve(new AdapterId("other", "theirs"), Gate.SEEN, 100);
    assertThat(command.run("report")).isZero();
    assertThat(command.printed().lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .isEqualTo(
                        "ADAPTER    REVISION  SCALE  LEVEL   HELD AGAINST  READ  MOST EVIDENCE"),
            line ->
                assertThat(line)
                    .startsWith(
                        "birds             1      1  stable  envelope         3  number_token_bias"),
            line ->
                assertThat(line)
                    .isEqualTo("birds    2 (canary)      1  stable  base             0  -"),
            line ->
                assertThat(line)
                    .isEqualTo("idle           base      1  stable  -                0  -"));
    assertThat(command.run("report", "--json")).isZero();
    List<String> lines = command.printed().lines().toList();
    assertThat(lines).hasSize(2);
    JsonNode report = new ObjectMapper().readTree(lines.getFirst());
    assertThat(report.get("adapter").asText()).isEqualTo("birds");
    assertThat(report.get("answers_read").asText()).isEqualTo("3");
    assertThat(report.get("canary_report").get("revision").asInt()).isEqualTo(2);
  }

  @Test
  void signalsAreShownAsTheyCome() throws Exception {
    Served birds = drift.serve(BIRDS, Gate.SEEN, 100);
    CompletableFuture<Integer> exit = command.started("watch", "birds");
    // Nothing tells when a watch is on but a signal.
    command.await(() -> command.printedSoFar().contains("noise"), () -> drift.warn(birds, "noise"));
    drift.answered(birds, 40, 0.3);
    command.await(() -> command.printedSoFar().contains("damp: "));
    assertThat(server.stop(WAIT_MAX)).isZero();
    assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(command.printed())
        .contains("2026-01-02T03:04:05Z  birds@1  WARNING  number_token_bias more\n  warn: noise\n")
        .containsPattern("birds@1  DRIFT  number_token_bias more\\n  damp: numbers_bias\\+: base");
    assertThat(command.errors()).contains("stopping").hasLineCount(1);
  }

  @Test
  void whatIsNotThereIsOneLine() {
    assertThat(command.run("report", "nobody")).isEqualTo(1);
    assertThat(command.errors())
        .startsWith("trimtab: There is no adapter 'nobody'")
        .hasLineCount(1);
    assertThat(command.run("watch", "nobody")).isEqualTo(1);
    assertThat(command.errors())
        .startsWith("trimtab: There is no adapter 'nobody'")
        .hasLineCount(1);
  }
}
