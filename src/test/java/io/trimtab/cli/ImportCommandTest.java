package io.trimtab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that open a model by themselves, on the reference checkpoints. */
class ImportCommandTest {
  @TempDir Path data;

  private final PrintedCommand trimtab =
      PrintedCommand.of(() -> PrintedCommand.unconnected(_ -> 0));

  @Test
  void importPrintsTheFolderOfThreeGraphs() {
    String checkpoint = Shared.path("reference/qwen2_5-vl").toString();
    int code = trimtab.run("import", checkpoint, "--data", data.toString(), "--precision", "int8");
    assertThat(code).isZero();
    assertThat(Path.of(trimtab.printedSoFar().strip()))
        .startsWith(data)
        .isDirectoryContaining(file -> file.endsWith("vision_tower.onnx"))
        .isDirectoryContaining(file -> file.endsWith("projector.onnx"))
        .isDirectoryContaining(file -> file.endsWith("language_model.onnx"));
    assertThat(trimtab.errorsSoFar()).contains("qwen2_5_vl", "int8");
  }

  @Test
  void aFamilyThatIsNotServedIsNamedWithThoseThatAre() throws IOException {
    Path folder = Files.createDirectory(data.resolve("other"));
    Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"mllama\"}");
    int code = trimtab.run("import", folder.toString(), "--data", data.toString());
    assertThat(code).isEqualTo(1);
    assertThat(trimtab.errorsSoFar()).contains("mllama", "llava_onevision", "qwen2_5_vl");
    assertThat(trimtab.errorsSoFar().strip().lines()).hasSize(1);
  }

  @Test
  void benchReportsEveryBatchAsJson() throws IOException {
    String checkpoint = Shared.path("reference/llava-onevision").toString();
    int code =
        trimtab.run(
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
    JsonNode report = new JsonMapper().readTree(trimtab.printedSoFar());
    assertThat(report.path("rows").findValuesAsText("batch")).containsExactly("1", "3");
    assertThat(report.path("rows").path(0).path("stepMicros").asDouble()).isPositive();
    assertThat(report.path("bandwidthBytesPerSecond").asDouble()).isPositive();
  }

  @Test
  void aRandomCheckpointOfOneLayerCanBeImported() {
    Path folder = data.resolve("random");
    assertThat(trimtab.run("bench", "checkpoint", folder.toString(), "--layers", "0")).isEqualTo(1);
    assertThat(trimtab.run("bench", "checkpoint", folder.toString(), "--layers", "1")).isZero();
    assertThat(folder.resolve("model.safetensors")).exists();
    assertThat(
            trimtab.run(
                "import", folder.toString(), "--data", data.toString(), "--precision", "int4"))
        .isZero();
  }
}
