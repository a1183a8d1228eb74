package io.trimtab.cli.adapters;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.adapter.AdapterId;
import io.trimtab.cli.TrimtabCommand;
import io.trimtab.serving.RunningAdapters;
import io.trimtab.serving.grpc.ServerChannel;
import io.trimtab.testing.AdapterBench;
import io.trimtab.testing.PeftFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** Every command of {@code adapters}, against a running server. */
final class AdaptersCommandTest {
  private static final PeftFolder FOLDER = PeftFolder.reference("llava-onevision", "sa-proj");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private RunningAdapters server;

  @BeforeEach
  void start() throws IOException {
    server = RunningAdapters.start(AdapterBench.open(folder.resolve("store")));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void uploadSaysWhatItBecame() {
    assertThat(run("upload", "birds", dir(), "--note", "wings")).isZero();
    assertThat(printed())
        .startsWith("birds@1 is staged: rank 4 on q_proj,k_proj,v_proj,o_proj, ")
        .hasLineCount(1);
    assertThat(run("upload", "birds", dir(), "--activate")).isZero();
    assertThat(printed()).startsWith("birds@2 is active: ");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void uploadAsJsonIsTheRevision() throws Exception {
    JsonNode revision = json("upload", "birds", dir(), "--note", "wings", "--activate");
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
    assertThat(run("upload", "birds", dir())).isEqualTo(1);
    assertThat(errors())
        .isEqualTo(
            "trimtab: The adapter changes nothing on a fixed probe: expected one that does, or"
                + " allow_noop");
    assertThat(run("upload", "birds", dir(), "--allow-noop")).isZero();
    assertThat(run("upload", "../x", dir())).isEqualTo(1);
    assertThat(errors()).contains("adapter is '../x'");
    assertThat(run("list", "--tenant", "../x")).isEqualTo(1);
    assertThat(errors()).contains("x-tenant is '../x'");
  }

  @Test
  void uploadOfAFolderWithoutTheFilesSaysWhichIsMissing() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThat(run("upload", "birds", empty.toString())).isEqualTo(1);
    assertThat(errors()).contains("has no adapter_config.json");
    Files.copy(FOLDER.config(), empty.resolve("adapter_config.json"));
    Files.write(empty.resolve("adapter_model.bin"), new byte[1]);
    assertThat(run("upload", "birds", empty.toString())).isEqualTo(1);
    assertThat(errors()).contains("has no adapter_model.safetensors", "safe_serialization");
  }

  @Test
  void validateReportsAndKeepsNothing() throws Exception {
    assertThat(run("validate", dir())).isZero();
    assertThat(printed())
        .isEqualTo(
            "accepted: 24 of 24 tensors belong to the model, largest change of a log-probability"
                + " 1");
    server.bench().engine().outputChange(Float.NaN);
    assertThat(run("validate", dir())).isEqualTo(1);
    assertThat(printed().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("refused: ").endsWith("NaN"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "  Under this adapter the model computes no numbers on a fixed probe"));
    out.getBuffer().setLength(0);
    assertThat(run("validate", dir(), "--json")).isEqualTo(1);
    JsonNode report = new ObjectMapper().readTree(printed());
    assertThat(report.get("accepted").asBoolean(true)).isFalse();
    assertThat(report.get("largest_output_change").asText()).isEqualTo("NaN");
    assertThat(report.get("errors")).hasSize(1);
    assertThat(server.bench().kept()).isEmpty();
  }

  @Test
  void listIsATable() throws Exception {
    assertThat(run("list")).isZero();
    assertThat(printed()).isEqualTo("ADAPTER  ACTIVE  CANARY  SCALE  REVISIONS  VERSION");
    uploads(2);
    ok("activate", "birds@1");
    ok("activate", "birds@2", "--canary", "10");
    assertThat(run("list")).isZero();
    assertThat(printed().lines())
        .containsExactly(
            "ADAPTER  ACTIVE  CANARY    SCALE  REVISIONS  VERSION",
            "birds         1  2 (10 %)      1          2        4");
    assertThat(run("list", "birds")).isZero();
    assertThat(printed().lines())
        .satisfiesExactly(
            line ->
                assertThat(line).isEqualTo("birds: active 1, canary 2 (10 %), scale 1, version 4"),
            line -> assertThat(line).startsWith("REVISION  STATE   SCALE  RANK  TARGETS"),
            line -> assertThat(line).startsWith("       1  active      1     4  q_proj,k_proj"),
            line -> assertThat(line).startsWith("       2  canary      1     4  q_proj,k_proj"));
    assertThat(run("list", "--tenant", "other")).isZero();
    assertThat(printed().lines()).hasSize(1);
    assertThat(json("list").get("adapters").get(0).get("active_revision").asInt()).isEqualTo(1);
    assertThat(json("list", "birds").get("revisions")).hasSize(2);
    assertThat(run("list", "planes")).isEqualTo(1);
    assertThat(errors()).isEqualTo("trimtab: There is no adapter 'planes'");
  }

  @Test
  void downloadIsTheFolderThatWasUploaded() throws Exception {
    uploads(1);
    Path to = folder.resolve("a/b");
    assertThat(run("download", "birds", to.toString())).isEqualTo(1);
    assertThat(errors()).contains("served by base", "birds@1");
    assertThat(to).doesNotExist();
    ok("activate", "birds@1");
    assertThat(run("download", "birds", to.toString())).isZero();
    assertThat(printed()).isEqualTo("birds@1 is in " + to);
    try (Stream<Path> files = Files.list(to)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder("adapter_config.json", "adapter_model.safetensors");
    }
    assertThat(to.resolve("adapter_config.json")).hasSameBinaryContentAs(FOLDER.config());
    assertThat(to.resolve("adapter_model.safetensors")).hasSameBinaryContentAs(FOLDER.weights());

    assertThat(run("download", "birds@1", to.toString())).isEqualTo(1);
    assertThat(errors()).contains("is there already", "--force");
    JsonNode again = json("download", "birds@1", to.toString(), "--force");
    assertThat(again.get("revision").asInt()).isEqualTo(1);
    assertThat(run("download", "birds@7", folder.resolve("c").toString())).isEqualTo(1);
    assertThat(folder.resolve("c")).doesNotExist();
  }

  @Test
  void activateSaysWhatIsServed() throws Exception {
    uploads(2);
    assertThat(run("activate", "birds@1")).isZero();
    assertThat(printed()).isEqualTo("birds@1 is active (version 3)");
    assertThat(run("activate", "birds@2", "--canary", "25")).isZero();
    assertThat(printed()).isEqualTo("birds@2 serves 25 % of the requests (version 4)");
    assertThat(run("activate", "birds@2", "--if-version", "3")).isEqualTo(1);
    assertThat(errors()).contains("version 4, expected 3");
    assertThat(run("activate", "birds@2", "--force")).isEqualTo(1);
    assertThat(errors()).contains("reason");
    JsonNode adapter =
        json("activate", "birds@2", "--if-version", "4", "--force", "--reason", "now");
    assertThat(adapter.get("active_revision").asInt()).isEqualTo(2);
    assertThat(adapter.get("version").asText()).isEqualTo("5");
    assertThat(run("activate", "birds@0")).isZero();
    assertThat(printed()).isEqualTo("birds@0 is active (version 6)");
    assertThat(run("activate", "birds")).isEqualTo(2);
    assertThat(errors()).contains("Expected NAME@REVISION");
    assertThat(run("activate", "birds@x")).isEqualTo(2);
  }

  @Test
  void rollbackGoesBack() throws Exception {
    uploads(2);
    ok("activate", "birds@1");
    ok("activate", "birds@2");
    assertThat(run("rollback", "birds")).isZero();
    assertThat(printed()).isEqualTo("birds@1 is active again (version 5)");
    assertThat(json("rollback", "birds").get("active_revision").asInt()).isZero();
    assertThat(run("rollback", "planes")).isEqualTo(1);
  }

  @Test
  void scaleDamps() throws Exception {
    uploads(2);
    ok("activate", "birds@2");
    assertThat(run("scale", "birds", "0.5", "--reason", "drift")).isZero();
    assertThat(printed()).isEqualTo("birds is served at a scale of 0.5 (version 4)");
    JsonNode adapter = json("scale", "birds@1", "0.25");
    assertThat(adapter.get("scale").asDouble()).isEqualTo(0.5);
    assertThat(adapter.get("revisions").get(0).get("scale").asDouble()).isEqualTo(0.25);
    assertThat(run("scale", "birds", "2")).isEqualTo(1);
    assertThat(errors()).contains("scale is 2.0, expected 0 to 1");
    assertThat(run("scale", "birds", "much")).isEqualTo(2);
  }

  @Test
  void deleteAsksBeforeAWholeAdapterGoes() throws Exception {
    uploads(2);
    assertThat(run("delete", "birds@1")).isZero();
    assertThat(printed()).isEqualTo("birds@1 is deleted");
    // Nobody sits at the tests' terminal.
    assertThat(run("delete", "birds")).isEqualTo(2);
    assertThat(errors()).contains("--yes");
    assertThat(server.bench().registry().list("default")).hasSize(1);
    JsonNode gone = json("delete", "birds", "--yes");
    assertThat(gone.get("adapter").asText()).isEqualTo("birds");
    assertThat(server.bench().registry().list("default")).isEmpty();
    assertThat(run("delete", "birds", "--yes")).isEqualTo(1);
  }

  @Test
  void watchPrintsChangesUntilTheServerStops() throws Exception {
    List<String> lines = watched();
    assertThat(lines).anyMatch(line -> line.matches("\\S+Z  created      \\S+@0"));
    assertThat(lines).anyMatch(line -> line.matches("\\S+Z  deleted      \\S+@0  because"));
    assertThat(errors()).contains("The server is stopping");
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
      assertThat(run(command)).isEqualTo(1);
      assertThat(errors())
          .startsWith("trimtab: No server answers at " + server.address())
          .contains("trimtab up")
          .hasLineCount(1);
    }
    assertThat(run("list", "--server", "nowhere:x")).isEqualTo(1);
    assertThat(errors()).contains("expected HOST:PORT");
  }

  @Test
  void helpNamesEveryCommand() {
    assertThat(execute("adapters", "--help")).isZero();
    assertThat(out.toString())
        .contains("list", "upload", "validate", "download", "activate", "rollback", "scale")
        .contains("delete", "watch", "Examples:");
    for (String command : List.of("upload", "download", "activate", "watch")) {
      out.getBuffer().setLength(0);
      assertThat(execute("adapters", command, "--help")).isZero();
      assertThat(out.toString())
          .contains("Usage: trimtab adapters " + command, "--server", "localhost:9000", "--json");
    }
  }

  /** Watches on a thread of its own while changes are made, until one is printed. */
  private List<String> watched(String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("watch"));
    arguments.addAll(List.of(options));
    int[] exit = new int[1];
    Thread watching =
        Thread.startVirtualThread(() -> exit[0] = run(arguments.toArray(String[]::new)));
    var id = new AdapterId("default", "noise");
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (out.toString().lines().count() < 4 && System.nanoTime() < end) {
      server.bench().registry().create(id);
      server.bench().registry().delete(id, 0, "because");
      // Where the watch stands still for seconds, fewer changes wait than may.
      LockSupport.parkNanos(20_000_000);
    }
    assertThat(server.stop(Duration.ofSeconds(60))).isZero();
    watching.join();
    assertThat(exit[0]).isEqualTo(1);
    return printed().lines().toList();
  }

  private void uploads(int count) {
    for (int i = 0; i < count; i++) {
      ok("upload", "birds", dir());
    }
  }

  private void ok(String... command) {
    assertThat(run(command)).as(err.toString()).isZero();
    out.getBuffer().setLength(0);
  }

  private JsonNode json(String... command) throws IOException {
    String[] withJson =
        Stream.concat(Stream.of(command), Stream.of("--json")).toArray(String[]::new);
    assertThat(run(withJson)).as(err.toString()).isZero();
    String printed = printed();
    assertThat(printed).hasLineCount(1);
    return new ObjectMapper().readTree(printed);
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

  private static String dir() {
    return FOLDER.folder().toString();
  }

  /** Runs a command of adapters against the server, unless it names another. */
  private int run(String... command) {
    List<String> arguments = new ArrayList<>(List.of("adapters"));
    arguments.addAll(List.of(command));
    if (!arguments.contains("--server")) {
      arguments.addAll(List.of("--server", server.address()));
    }
    return execute(arguments.toArray(String[]::new));
  }

  private int execute(String... arguments) {
    return TrimtabCommand.commandLine(
            options -> 0,
            other -> {
              throw new AssertionError("No test asks " + other);
            },
            ServerChannel::open)
        .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
