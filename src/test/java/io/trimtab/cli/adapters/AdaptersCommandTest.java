package io.trimtab.cli.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.adapter.AdapterId;
import io.trimtab.cli.PrintedCommand;
import io.trimtab.serving.RunningAdapters;
import io.trimtab.testing.AdapterBench;
import io.trimtab.testing.PeftFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command of {@code adapters}, against a running server. */
final class AdaptersCommandTest {
  private static final PeftFolder FOLDER = PeftFolder.reference("llava-onevision", "sa-proj");

  @TempDir private Path folder;

  private RunningAdapters server;
  private PrintedCommand adapters;

  @BeforeEach
  void start() throws IOException {
    server = RunningAdapters.start(AdapterBench.open(folder.resolve("store")));
    adapters = PrintedCommand.group("adapters", server.address());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void uploadSaysWhatItBecame() {
    assertThat(adapters.run("upload", "birds", dir(), "--note", "wings")).isZero();
    assertThat(adapters.printed())
        .startsWith("birds@1 is staged: rank 4 on q_proj,k_proj,v_proj,o_proj, ")
        .hasLineCount(1);
    assertThat(adapters.run("upload", "birds", dir(), "--activate")).isZero();
    assertThat(adapters.printed()).startsWith("birds@2 is active: ");
    assertThat(adapters.errorsSoFar()).isEmpty();
  }

  @Test
  void uploadAsJsonIsTheRevision() throws Exception {
    JsonNode revision = adapters.json("upload", "birds", dir(), "--note", "wings", "--activate");
    assertThat(revision.get("adapter").asText()).isEqualTo("birds");
    assertThat(revision.get("revision").asInt()).isEqualTo(1);
    assertThat(revision.get("state").asText()).isEqualTo("REVISION_STATE_ACTIVE");
    assertThat(revision.get("note").asText()).isEqualTo("wings");
    assertThat(revision.get("parent_digest").asText()).isEmpty();
    assertThat(revision.get("base_digest").asText()).hasSize(64);
    assertThat(revision.get("targets")).hasSize(4);
  }

  @Test
  void uploadThatTheServerRefusesIsOneLine() {
    server.bench().engine().outputChange(0);
    assertThat(adapters.run("upload", "birds", dir())).isEqualTo(1);
    assertThat(adapters.errors())
        .isEqualTo(
            "trimtab: The adapter changes nothing on a fixed probe: expected one that does, or"
                + " allow_noop");
    assertThat(adapters.run("upload", "birds", dir(), "--allow-noop")).isZero();
    assertThat(adapters.run("upload", "../x", dir())).isEqualTo(1);
    assertThat(adapters.errors()).contains("adapter is '../x'");
    assertThat(adapters.run("list", "--tenant", "../x")).isEqualTo(1);
    assertThat(adapters.errors()).contains("x-tenant is '../x'");
  }

  @Test
  void uploadOfAFolderWithoutTheFilesSaysWhichIsMissing() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThat(adapters.run("upload", "birds", empty.toString())).isEqualTo(1);
    assertThat(adapters.errors()).contains("has no adapter_config.json");
    Files.copy(FOLDER.config(), empty.resolve("adapter_config.json"));
    Files.write(empty.resolve("adapter_model.bin"), new byte[1]);
    assertThat(adapters.run("upload", "birds", empty.toString())).isEqualTo(1);
    assertThat(adapters.errors())
        .contains("has no adapter_model.safetensors", "safe_serialization");
  }

  @Test
  void validateReportsAndKeepsNothing() throws Exception {
    assertThat(adapters.run("validate", dir())).isZero();
    assertThat(adapters.printed())
        .isEqualTo(
            "accepted: 24 of 24 tensors belong to the model, largest change of a log-probability"
                + " 1");
    server.bench().engine().outputChange(Float.NaN);
    assertThat(adapters.run("validate", dir())).isEqualTo(1);
    assertThat(adapters.printed().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("refused: ").endsWith("NaN"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "  Under this adapter the model computes no numbers on a fixed probe"));
    JsonNode report = adapters.json(1, "validate", dir());
    assertThat(report.get("accepted").asBoolean(true)).isFalse();
    assertThat(report.get("largest_output_change").asText()).isEqualTo("NaN");
    assertThat(report.get("errors")).hasSize(1);
    assertThat(server.bench().kept()).isEmpty();
  }

  @Test
  void listIsATable() throws Exception {
    assertThat(adapters.run("list")).isZero();
    assertThat(adapters.printed()).isEqualTo("ADAPTER  ACTIVE  CANARY  SCALE  REVISIONS  VERSION");
    uploads(2);
    ok("activate", "birds@1");
    ok("activate", "birds@2", "--canary", "10");
    assertThat(adapters.run("list")).isZero();
    assertThat(adapters.printed().lines())
        .containsExactly(
            "ADAPTER  ACTIVE  CANARY    SCALE  REVISIONS  VERSION",
            "birds         1  2 (10 %)      1          2        4");
    assertThat(adapters.run("list", "birds")).isZero();
    assertThat(adapters.printed().lines())
        .satisfiesExactly(
            line ->
                assertThat(line).isEqualTo("birds: active 1, canary 2 (10 %), scale 1, version 4"),
            line -> assertThat(line).startsWith("REVISION  STATE   SCALE  RANK  TARGETS"),
            line -> assertThat(line).startsWith("       1  active      1     4  q_proj,k_proj"),
            line -> assertThat(line).startsWith("       2  canary      1     4  q_proj,k_proj"));
    assertThat(adapters.run("list", "--tenant", "other")).isZero();
    assertThat(adapters.printed().lines()).hasSize(1);
    assertThat(adapters.json("list").get("adapters").get(0).get("active_revision").asInt())
        .isEqualTo(1);
    assertThat(adapters.json("list", "birds").get("revisions")).hasSize(2);
    assertThat(adapters.run("list", "planes")).isEqualTo(1);
    assertThat(adapters.errors()).isEqualTo("trimtab: There is no adapter 'planes'");
  }

  @Test
  void downloadIsTheFolderThatWasUploaded() throws Exception {
    uploads(1);
    Path to = folder.resolve("a/b");
    assertThat(adapters.run("download", "birds", to.toString())).isEqualTo(1);
    assertThat(adapters.errors()).contains("served by base", "birds@1");
    assertThat(to).doesNotExist();
    ok("activate", "birds@1");
    assertThat(adapters.run("download", "birds", to.toString())).isZero();
    assertThat(adapters.printed()).isEqualTo("birds@1 is in " + to);
    try (Stream<Path> files = Files.list(to)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder("adapter_config.json", "adapter_model.safetensors");
    }
    assertThat(to.resolve("adapter_config.json")).hasSameBinaryContentAs(FOLDER.config());
    assertThat(to.resolve("adapter_model.safetensors")).hasSameBinaryContentAs(FOLDER.weights());

    assertThat(adapters.run("download", "birds@1", to.toString())).isEqualTo(1);
    assertThat(adapters.errors()).contains("is there already", "--force");
    JsonNode again = adapters.json("download", "birds@1", to.toString(), "--force");
    assertThat(again.get("revision").asInt()).isEqualTo(1);
    assertThat(adapters.run("download", "birds@7", folder.resolve("c").toString())).isEqualTo(1);
    assertThat(folder.resolve("c")).doesNotExist();
  }

  @Test
  void activateSaysWhatIsServed() throws Exception {
    uploads(2);
    assertThat(adapters.run("activate", "birds@1")).isZero();
    assertThat(adapters.printed()).isEqualTo("birds@1 is active (version 3)");
    assertThat(adapters.run("activate", "birds@2", "--canary", "25")).isZero();
    assertThat(adapters.printed()).isEqualTo("birds@2 serves 25 % of the requests (version 4)");
    assertThat(adapters.run("activate", "birds@2", "--if-version", "3")).isEqualTo(1);
    assertThat(adapters.errors()).contains("version 4, expected 3");
    assertThat(adapters.run("activate", "birds@2", "--force")).isEqualTo(1);
    assertThat(adapters.errors()).contains("reason");
    JsonNode adapter =
        adapters.json("activate", "birds@2", "--if-version", "4", "--force", "--reason", "now");
    assertThat(adapter.get("active_revision").asInt()).isEqualTo(2);
    assertThat(adapter.get("version").asText()).isEqualTo("5");
    assertThat(adapters.run("activate", "birds@0")).isZero();
    assertThat(adapters.printed()).isEqualTo("birds@0 is active (version 6)");
    assertThat(adapters.run("activate", "birds")).isEqualTo(2);
    assertThat(adapters.errors()).contains("Expected NAME@REVISION");
    assertThat(adapters.run("activate", "birds@x")).isEqualTo(2);
  }

  @Test
  void rollbackGoesBack() throws Exception {
    uploads(2);
    ok("activate", "birds@1");
    ok("activate", "birds@2");
    assertThat(adapters.run("rollback", "birds")).isZero();
    assertThat(adapters.printed()).isEqualTo("birds@1 is active again (version 5)");
    assertThat(adapters.json("rollback", "birds").get("active_revision").asInt()).isZero();
    assertThat(adapters.run("rollback", "planes")).isEqualTo(1);
  }

  @Test
  void scaleDamps() throws Exception {
    uploads(2);
    ok("activate", "birds@2");
    assertThat(adapters.run("scale", "birds", "0.5", "--reason", "drift")).isZero();
    assertThat(adapters.printed()).isEqualTo("birds is served at a scale of 0.5 (version 4)");
    JsonNode adapter = adapters.json("scale", "birds@1", "0.25");
    assertThat(adapter.get("scale").asDouble()).isEqualTo(0.5);
    assertThat(adapter.get("revisions").get(0).get("scale").asDouble()).isEqualTo(0.25);
    assertThat(adapters.run("scale", "birds", "2")).isEqualTo(1);
    assertThat(adapters.errors()).contains("scale is 2.0, expected 0 to 1");
    assertThat(adapters.run("scale", "birds", "much")).isEqualTo(2);
  }

  @Test
  void deleteAsksBeforeAWholeAdapterGoes() throws Exception {
    uploads(2);
    assertThat(adapters.run("delete", "birds@1")).isZero();
    assertThat(adapters.printed()).isEqualTo("birds@1 is deleted");
    // Nobody sits at the tests' terminal.
    assertThat(adapters.run("delete", "birds")).isEqualTo(2);
    assertThat(adapters.errors()).contains("--yes");
    assertThat(server.bench().registry().list("default")).hasSize(1);
    JsonNode gone = adapters.json("delete", "birds", "--yes");
    assertThat(gone.get("adapter").asText()).isEqualTo("birds");
    assertThat(server.bench().registry().list("default")).isEmpty();
    assertThat(adapters.run("delete", "birds", "--yes")).isEqualTo(1);
  }

  @Test
  void watchPrintsChangesUntilTheServerStops() throws Exception {
    List<String> lines = watched();
    assertThat(lines).anyMatch(line -> line.matches("\\S+Z  created      \\S+@0"));
    assertThat(lines).anyMatch(line -> line.matches("\\S+Z  deleted      \\S+@0  because"));
    assertThat(adapters.errors()).contains("The server is stopping");
  }

  @Test
  void watchAsJsonIsOneObjectALine() throws Exception {
    List<String> lines = watched("--json");
    JsonNode event = new ObjectMapper().readTree(lines.getFirst());
    assertThat(event.get("kind").asText()).isIn("created", "deleted");
    assertThat(event.get("revision").get("adapter").asText()).isEqualTo("noise");
    assertThat(event.get("time").asText()).endsWith("Z");
  }

  @Test
  void aServerThatIsAwayIsSaidSo() {
    server.close();
    for (String[] command :
        List.of(
            new String[] {"list"},
            new String[] {"upload", "birds", dir()},
            new String[] {"watch"},
            new String[] {"download", "birds@1", folder.resolve("d").toString()})) {
      assertThat(adapters.run(command)).isEqualTo(1);
      assertThat(adapters.errors())
          .startsWith("trimtab: No server answers at " + server.address())
          .contains("trimtab up")
          .hasLineCount(1);
    }
    PrintedCommand elsewhere = PrintedCommand.group("adapters", "nowhere:x");
    assertThat(elsewhere.run("list")).isEqualTo(1);
    assertThat(elsewhere.errors()).contains("expected HOST:PORT");
  }

  @Test
  void helpNamesEveryCommand() {
    PrintedCommand trimtab = PrintedCommand.of(() -> PrintedCommand.unconnected(_ -> 0));
    assertThat(trimtab.run("adapters", "--help")).isZero();
    assertThat(trimtab.printed())
        .contains("list", "upload", "validate", "download", "activate", "rollback", "scale")
        .contains("delete", "watch", "Examples:");
    for (String command : List.of("upload", "download", "activate", "watch")) {
      assertThat(trimtab.run("adapters", command, "--help")).isZero();
      assertThat(trimtab.printed())
          .contains("Usage: trimtab adapters " + command, "--server", "localhost:9000", "--json");
    }
  }

  /** Watches on a thread of its own while changes are made, until one is printed. */
  private List<String> watched(String... options) throws Exception {
    CompletableFuture<Integer> exit =
        adapters.started(
            Stream.concat(Stream.of("watch"), Stream.of(options)).toArray(String[]::new));
    var id = new AdapterId("default", "noise");
    adapters.await(
        () -> adapters.printedSoFar().lines().count() >= 4,
        () -> {
          server.bench().registry().create(id);
          server.bench().registry().delete(id, 0, "because");
        });
    assertThat(server.stop(Duration.ofSeconds(60))).isZero();
    assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(1);
    return adapters.printed().lines().toList();
  }

  private void uploads(int count) {
    for (int i = 0; i < count; i++) {
      ok("upload", "birds", dir());
    }
  }

  private void ok(String... command) {
    assertThat(adapters.run(command)).as(adapters.errorsSoFar()).isZero();
    adapters.printed();
  }

  private static String dir() {
    return FOLDER.folder().toString();
  }
}
