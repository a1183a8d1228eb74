package io.trimtab.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.cli.PrintedCommand;
import io.trimtab.testing.Shared;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** On a reference checkpoint, with a real trainer, for moments. */
@Timeout(180)
class TuningBenchCommandTest {
  @TempDir private Path data;

  private final PrintedCommand bench =
      PrintedCommand.of(() -> new CommandLine(new TuningBenchCommand()));

  @Test
  void everyLoadIsServedAloneAndBesideTrainingInFiniteFigures() throws Exception {
    int code =
        bench.run(
            "--model",
            Shared.path("reference/llava-onevision").toString(),
            "--data",
            data.toString(),
            "--seconds",
            "3",
            "--turns",
            "2",
            "--load",
            "0.5,1",
            "--concurrency",
            "2",
            "--tokens",
            "4",
            "--corrections",
            "30",
            "--rehearsal",
            "3",
            "--json");
    assertThat(bench.errorsSoFar()).doesNotContain("Exception");
    assertThat(code).isZero();
    JsonNode figures = new JsonMapper().readTree(bench.printedSoFar());
    assertThat(figures.path("tokens of an update").asDouble()).isPositive();
    for (String load : new String[] {"load 0.50: ", "load 1.0: "}) {
      assertThat(first(figures, load + "both / alone, p95 of time per token")).isPositive();
      assertThat(first(figures, load + "alone, tok/s")).isPositive();
      assertThat(first(figures, load + "both, µs to first token, p95")).isPositive();
      assertThat(first(figures, load + "trained tok/s alone")).isPositive();
      assertThat(first(figures, load + "share of time held")).isBetween(0.0, 1.0);
    }
    for (Map.Entry<String, JsonNode> figure : figures.properties()) {
      assertThat(figure.getValue().asText()).as(figure.getKey()).doesNotContain("NaN", "Inf");
    }
    if (System.getProperty("os.name").equals("Linux")) {
      assertThat(figures.path("peak memory of the trainer, bytes").asLong()).isPositive();
    }
  }

  @Test
  void whatCannotBeMeasuredIsRefusedBeforeAnythingIsLaidOut() {
    assertThat(bench.run("--load", "0")).isEqualTo(2);
    assertThat(bench.errorsSoFar()).contains("--load", "above 0");
    assertThat(bench.run("--tokens", "1")).isEqualTo(2);
    assertThat(bench.run("--turns", "0")).isEqualTo(2);
    assertThat(bench.run("--seconds", "0")).isEqualTo(2);
    assertThat(data).isEmptyDirectory();
  }

  /** The median turn, or a plain number. */
  private static double first(JsonNode figures, String name) {
    assertThat(figures.has(name)).as(name).isTrue();
    return Double.parseDouble(figures.path(name).asText().split(" ", 2)[0]);
  }
}
