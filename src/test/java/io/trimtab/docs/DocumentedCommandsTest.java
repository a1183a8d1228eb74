package io.trimtab.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.cli.TrimtabCommand;
import io.trimtab.cli.doctor.DoctorCommand;
import io.trimtab.cli.up.ServerOptions;
import io.trimtab.cli.up.ServerStarter;
import io.trimtab.study.StudyCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every command in the documents is one that the command line takes. */
class DocumentedCommandsTest {
  private static final Set<String> OTHERS = Set.of("curl", "docker", "kubectl", "rsync");

  static List<ShellLine> commands() {
    return ShellLine.ofTrimtab();
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theCommandLineTakesIt(ShellLine command) {
    CommandLine.ParseResult parsed = parse(command.arguments());
    assertThat(parsed.hasSubcommand()).as("it names a command").isTrue();
  }

  @Test
  void whatTheCommandLineDoesNotTakeIsFound() {
    assertThatThrownBy(() -> parse(List.of("adapters", "upload", "birds", "DIR", "--activated")))
        .isInstanceOf(CommandLine.ParameterException.class);
    assertThatThrownBy(() -> parse(List.of("adapters", "uplaod", "birds", "DIR")))
        .isInstanceOf(CommandLine.ParameterException.class);
  }

  @Test
  void mostOfTheCommandLineIsShown() {
    Set<String> shown =
        commands().stream().map(command -> command.words().get(1)).collect(Collectors.toSet());
    assertThat(shown)
        .contains("demo", "up", "ask", "adapters", "feedback", "tune", "drift", "probes", "import");
    assertThat(commands()).hasSizeGreaterThan(40);
  }

  @Test
  void otherProgramsAreFew() {
    assertThat(ShellLine.all())
        .map(line -> line.words().getFirst())
        .allMatch(program -> program.equals("./trimtab") || OTHERS.contains(program));
  }

  /** What docker and kubectl are given is there. */
  @Test
  void pathsOfManifestsAndImagesAreThere() {
    List<Path> named =
        ShellLine.all().stream()
            .flatMap(line -> line.words().stream())
            .filter(word -> word.startsWith("k8s/"))
            .map(Path::of)
            .toList();
    assertThat(named).hasSize(2).allMatch(Files::exists);
  }

  private static CommandLine.ParseResult parse(List<String> arguments) {
    ServerStarter starter =
        new ServerStarter() {
          @Override
          public int run(ServerOptions options) {
            throw new AssertionError("nothing is started");
          }

          @Override
          public void stop() {}
        };
    return TrimtabCommand.commandLine(
            starter,
            server -> {
              throw new AssertionError(server);
            },
            server -> {
              throw new AssertionError(server);
            },
            new CommandLine(new DoctorCommand(_ -> List.of())),
            StudyCommand.line())
        .parseArgs(arguments.toArray(String[]::new));
  }
}
