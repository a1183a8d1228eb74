package io.trimtab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that open a model by themselves, on the reference checkpoints. */
class ImportCommandTest {
  @TempDir Path data;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void importPrintsTheFolderOfThreeGraphs() {
    String checkpoint = Shared.path("reference/qwen2_5-vl").toString();
    int code = run("import", checkpoint, "--data", data.toString(), "--precision", "int8");
    assertThat(code).isZero();
    assertThat(Path.of(out.toString().strip()))
        .startsWith(data)
        .isDirectoryContaining(file -> file.endsWith("vision_tower.onnx"))
        .isDirectoryContaining(file -> file.endsWith("projector.onnx"))
        .isDirectoryContaining(file -> file.endsWith("language_model.onnx"));
    assertThat(err.toString()).contains("qwen2_5_vl", "int8");
  }

  @Test
  void aFamilyThatIsNotServedIsNamedWithThoseThatAre() throws IOException {
    Path folder = Files.createDirectory(data.resolve("other"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"mllama\"}");
    int code = run("import", folder.toString(), "--data", data.toString());
    assertThat(code).isEqualTo(1);
    assertThat(err.toString()).contains("mllama", "llava_onevision", "qwen2_5_vl");
    assertThat(err.toString().strip().lines()).hasSize(1);
  }

  @Test
  void benchReportsEveryBatchAsJson() throws IOException {
    String checkpoint = Shared.path("reference/llava-onevision").toString();
    int code =
        run(
            "bench",
            "--model",
            checkpoint,
            "--data",
            data.toString(),
            "--batch",
            "1,3",
            "--tokens",
            "4",
            "--rounds",
            "1",
            "--warmups",
            "0",
            "--json");
    assertThat(code).isZero();
    JsonNode report = new JsonMapper().readTree(out.toString());
    assertThat(report.path("rows").findValuesAsText("batch")).containsExactly("1", "3");
    assertThat(report.path("rows").path(0).path("stepMicros").asDouble()).isPositive();
    assertThat(report.path("bandwidthBytesPerSecond").asDouble()).isPositive();
  }

  @Test
  void aRandomCheckpointOfOneLayerCanBeImported() {
    Path folder = data.resolve("random");
    assertThat(run("bench", "checkpoint", folder.toString(), "--layers", "0")).isEqualTo(1);
    assertThat(run("bench", "checkpoint", folder.toString(), "--layers", "1")).isZero();
    assertThat(folder.resolve("model.safetensors")).exists();
    assertThat(run("import", folder.toString(), "--data", data.toString(), "--precision", "int4"))
        .isZero();
  }

  private int run(String... args) {
    return TrimtabCommand.commandLine(
            options -> 0,
            server -> {
              throw new AssertionError("No test connects to " + server);
            },
            server -> {
              throw new AssertionError("No test connects to " + server);
            })
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }
}
