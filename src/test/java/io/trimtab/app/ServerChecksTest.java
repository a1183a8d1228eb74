package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.cli.doctor.Check;
import io.trimtab.cli.doctor.Examination;
import io.trimtab.cli.doctor.Finding;
import io.trimtab.cli.doctor.Level;
import io.trimtab.events.EventSettings;
import io.trimtab.testing.BrokerProcess;
import io.trimtab.testing.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor finds from settings as a server would read them. */
final class ServerChecksTest {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration PATIENT = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private final Map<String, String> leftBehind = new HashMap<>();

  /** Servers that other tests ran leave their settings among the JVM's properties. */
  @BeforeEach
  void forgetOtherServers() {
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("trimtab.") || name.startsWith("quarkus.")) {
        leftBehind.put(name, System.getProperty(name, ""));
        var _ = System.clearProperty(name);
      }
    }
  }

  @AfterEach
  void putBack() {
    leftBehind.forEach(System::setProperty);
  }

  @Test
  void theDefaultsAreFine() throws Exception {
    List<Finding> findings = examine(Map.of(), Map.of());
    assertThat(findings)
        .extracting(Finding::check)
        .containsExactly(
            "java",
            "cores",
            "memory",
            "data folder",
            "gpu",
            "gRPC port",
            "HTTP port",
            "security",
            "broker",
            "model",
            "probes",
            "settings");
    assertThat(findings).filteredOn(finding -> finding.level() == Level.FAULT).isEmpty();
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void aTakenPortIsFoundWhereverItIsSet() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      assertThat(faults(examine(Map.of("quarkus.grpc.server.port", port), Map.of())))
          .containsExactly("gRPC port");
      assertThat(faults(examine(Map.of("trimtab.kafka.port", port), Map.of())))
          .containsExactly("Kafka port");
      assertThat(faults(examine(Map.of(), Map.of("QUARKUS_HTTP_PORT", port))))
          .containsExactly("HTTP port");
      write("quarkus.http.port=%s\nquarkus.grpc.server.port=0".formatted(port));
      assertThat(faults(examine(Map.of(), Map.of()))).containsExactly("HTTP port");
    }
  }

  @Test
  void whoIsOpenToOthersNeedsKeys() throws Exception {
    Map<String, String> others = Map.of("quarkus.http.host", "0.0.0.0");
    assertThat(faults(examine(others, Map.of()))).containsExactly("security");
    assertThat(security(examine(with(others, "trimtab.security.open", "true"), Map.of())).level())
        .isEqualTo(Level.WARNING);
    Path keys = Files.writeString(folder.resolve("keys"), "acme=0123456789abcdef");
    Map<String, String> keyed = with(others, "trimtab.security.api-keys", keys.toString());
    assertThat(security(examine(keyed, Map.of())).level()).isEqualTo(Level.OK);
    Files.writeString(keys, "acme=short");
    assertThat(security(examine(keyed, Map.of())).found())
        .contains("line 1")
        .doesNotContain("short");
    assertThat(faults(examine(keyed, Map.of()))).containsExactly("security");
  }

  private static Map<String, String> with(Map<String, String> options, String name, String value) {
    Map<String, String> all = new HashMap<>(options);
    all.put(name, value);
    return all;
  }

  private static Finding security(List<Finding> findings) {
    return findings.stream()
        .filter(finding -> finding.check().equals("security"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void settingsOutOfRangeAreFaultsAllOfThem() throws Exception {
    List<Finding> findings =
        examine(
            Map.of("trimtab.engine.max-batch", "0"), Map.of("TRIMTAB_ADAPTERS_UPLOADS_MAX", "0"));
    assertThat(findings)
        .filteredOn(finding -> finding.level() == Level.FAULT)
        .extracting(Finding::found)
        .containsExactlyInAnyOrder(
            "trimtab.engine.max-batch: expected 1 to 256, got 0",
            "trimtab.adapters.uploads-max: expected 1 to 1024, got 0");
  }

  @Test
  void aSettingOfAnotherTypeIsAFaultAndTheRestIsLookedAt() throws Exception {
    List<Finding> findings = examine(Map.of("trimtab.engine.max-batch", "many"), Map.of());
    assertThat(faults(findings)).containsExactly("settings");
    assertThat(findings.getLast().found()).contains("trimtab.engine.max-batch", "many");
    assertThat(findings).extracting(Finding::check).contains("model", "gRPC port");
  }

  @Test
  void aNameThatIsNoSettingIsAWarningWithTheNearestOne() throws Exception {
    write("trimtab.modle=x\ntrimtab.kafka.client.\"security.protocol\"=SSL");
    List<Finding> findings =
        examine(
            Map.of(),
            Map.of(
                "TRIMTAB_ENGINE_MAXBATCH", "4",
                "TRIMTAB_API_KEY", "k",
                "TRIMTAB_JAVA_OPTS", "-Xmx1g",
                "TRIMTAB_ENGINE_MAX_BATCH", "4"));
    assertThat(findings)
        .filteredOn(finding -> finding.check().equals("settings"))
        .extracting(finding -> finding.level() + " " + finding.found() + "; " + finding.advice())
        .containsExactlyInAnyOrder(
            "WARNING trimtab.modle (config/application.properties) is no setting, and is passed"
                + " over; did you mean trimtab.model?",
            "WARNING TRIMTAB_ENGINE_MAXBATCH (the environment) is no setting, and is passed over;"
                + " did you mean TRIMTAB_ENGINE_MAX_BATCH?");
  }

  @Test
  void aFolderThatIsNoCheckpointAndOneThatCannotBeMadeAreFaults() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    List<Finding> findings =
        examine(
            Map.of("trimtab.model", folder.toString(), "trimtab.data", file + "/data"), Map.of());
    assertThat(faults(findings)).containsExactly("data folder", "model");
  }

  @Test
  void aBrokerThatIsNotThereIsAFaultWithinItsBound() throws Exception {
    int port = FreePort.find();
    Finding finding = broker("127.0.0.1:" + port, 1, SOON);
    assertThat(finding.level()).isEqualTo(Level.FAULT);
    assertThat(finding.found()).contains("No broker at 127.0.0.1:" + port, "within 1 s");
    assertThat(finding.advice()).contains("trimtab.kafka.bootstrap-servers");
    assertThat(broker("no-such-host.invalid:9092", 1, SOON).level()).isEqualTo(Level.FAULT);
  }

  @Test
  void aBrokerThatIsThereSaysHowManyAndTooFewAreAFault() throws Exception {
    try (BrokerProcess broker =
        BrokerProcess.start(Files.createDirectory(folder.resolve("broker")))) {
      assertThat(broker(broker.address(), 1, PATIENT).level()).isEqualTo(Level.OK);
      assertThat(broker(broker.address(), 1, PATIENT).found()).contains("brokers: 1");
      Finding finding = broker(broker.address(), 3, PATIENT);
      assertThat(finding.level()).isEqualTo(Level.FAULT);
      assertThat(finding.found()).contains("replication 3");
    }
  }

  private static Finding broker(String servers, int replication, Duration bound)
      throws InterruptedException {
    EventSettings defaults = EventSettings.defaults();
    EventSettings settings =
        new EventSettings(
            servers,
            0,
            defaults.topicPrefix(),
            defaults.partitions(),
            (short) replication,
            defaults.group(),
            defaults.source(),
            Map.of(),
            defaults.limits());
    return new BrokerCheck(settings, bound).look().getFirst();
  }

  private void write(String settings) throws IOException {
    Path file = folder.resolve(CommandConfig.FILE);
    Files.createDirectories(file.getParent());
    Files.writeString(file, settings);
  }

  /** With any ports and a data folder of its own, unless the test says otherwise. */
  private List<Finding> examine(Map<String, String> options, Map<String, String> environment)
      throws InterruptedException {
    Map<String, String> all = new HashMap<>(options);
    all.putIfAbsent("trimtab.data", folder.resolve("data").toString());
    Map<String, String> variables = new HashMap<>(environment);
    if (!Files.exists(folder.resolve(CommandConfig.FILE))) {
      variables.putIfAbsent("QUARKUS_GRPC_SERVER_PORT", "0");
      variables.putIfAbsent("QUARKUS_HTTP_PORT", "0");
    }
    List<Check> checks = ServerChecks.of(CommandConfig.of(all, variables, folder));
    return new Examination(Duration.ofMinutes(1)).of(checks);
  }

  private static List<String> faults(List<Finding> findings) {
    return findings.stream()
        .filter(finding -> finding.level() == Level.FAULT)
        .map(Finding::check)
        .toList();
  }
}
