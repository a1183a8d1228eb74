package io.trimtab.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.trimtab.cli.PrintedCommand;
import io.trimtab.cli.up.ServerOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** How findings are shown; what is looked at is tested where it is. */
final class DoctorCommandTest {
  private static final Finding WELL = Finding.ok("java", "Temurin 25");
  private static final Finding SLOW = Finding.warning("cores", "1", "give it two");
  private static final Finding BROKEN = Finding.fault("gRPC port", "taken", "end that");

  private final StringWriter out = new StringWriter();
  private final List<ServerOptions> asked = new ArrayList<>();

  @Test
  void everyFindingIsALineAndAdviceIsBelowIt() {
    assertThat(run(Ansi.OFF, List.of(WELL, SLOW, BROKEN))).isEqualTo(1);
    assertThat(out.toString().lines())
        .containsExactly(
            "CHECK      STATE    FOUND",
            "java       ok       Temurin 25",
            "cores      warning  1",
            "                    -> give it two",
            "gRPC port  fault    taken",
            "                    -> end that",
            "",
            "Faults: 1. Warnings: 1.");
  }

  @Test
  void warningsAloneAreNoFailure() {
    assertThat(run(Ansi.OFF, List.of(WELL, SLOW))).isZero();
    out.getBuffer().setLength(0);
    assertThat(run(Ansi.OFF, List.of(WELL))).isZero();
    assertThat(out.toString()).endsWith("All is well." + System.lineSeparator());
  }

  @Test
  void statesHaveColoursWhereTheyAreTaken() {
    run(Ansi.ON, List.of(WELL, SLOW, BROKEN));
    assertThat(out.toString())
        .contains(
            "\u001b[32mok\u001b[0m", "\u001b[33mwarning\u001b[0m", "\u001b[31mfault\u001b[0m");
  }

  @Test
  void asJsonItIsOneObject() throws Exception {
    assertThat(run(Ansi.ON, List.of(WELL, BROKEN), "--json")).isEqualTo(1);
    assertThat(out.toString()).hasLineCount(1);
    JsonNode object = new ObjectMapper().readTree(out.toString());
    assertThat(object.get("faults").asInt()).isEqualTo(1);
    assertThat(object.get("warnings").asInt()).isZero();
    assertThat(object.get("findings").get(1).get("check").asText()).isEqualTo("gRPC port");
    assertThat(object.get("findings").get(1).get("level").asText()).isEqualTo("fault");
    assertThat(object.get("findings").get(1).get("advice").asText()).isEqualTo("end that");
  }

  @Test
  void itTakesWhatUpTakes() {
    run(Ansi.OFF, List.of(WELL), "--model", "dinghy-qwen", "--grpc-port", "9001");
    assertThat(asked.getFirst().properties())
        .isEqualTo(Map.of("trimtab.model", "dinghy-qwen", "quarkus.grpc.server.port", "9001"));
  }

  private int run(Ansi ansi, List<Finding> findings, String... arguments) {
    List<Check> checks = findings.stream().map(DoctorCommandTest::check).toList();
    DoctorCommand doctor =
        new DoctorCommand(
            options -> {
              asked.add(options);
              return checks;
            });
    return PrintedCommand.unconnected(_ -> 0, new CommandLine(doctor))
        .setColorScheme(CommandLine.Help.defaultColorScheme(ansi))
        .setOut(new PrintWriter(out, true))
        .execute(Stream.concat(Stream.of("doctor"), Stream.of(arguments)).toArray(String[]::new));
  }

  private static Check check(Finding finding) {
    return new Check() {
      @Override
      public String name() {
        return finding.check();
      }

      @Override
      public List<Finding> look() {
        return List.of(finding);
      }
    };
  }
}
