package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The examples in the help of every command: each has some, and each is a command line. */
final class HelpExamplesTest {
  /** The launcher's own, which the program never sees. */
  private static final String LAUNCHER = "trimtab test";

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasExamplesThatAreCommandLinesOfItsOwn(CommandLine command) {
    List<List<String>> examples = examples(command);
    assertThat(examples).isNotEmpty();
    for (List<String> example : examples) {
      assertThatCode(() -> parsed(example)).as("%s", example).doesNotThrowAnyException();
    }
    String name = command.getCommandSpec().qualifiedName();
    assertThat(examples)
        .as("An example of %s itself", name)
        .anySatisfy(example -> assertThat(reached(parsed(example))).startsWith(name));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpIsMadeToBeReadAndItsExamplesToBeCopied(CommandLine command) {
    String help = command.getUsageMessage(Ansi.OFF);
    assertThat(help.lines())
        .contains("Examples:")
        .contains(command.getCommandSpec().usageMessage().footer())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(110));
    assertThat(help).as("a default as it is typed").doesNotContain("(default: [");
    // The list of commands shows the first line of each, alone.
    assertThat(command.getCommandSpec().usageMessage().description()[0]).endsWith(".");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void noPercentSignIsTakenForAFormat(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    Stream.of(
            Stream.of(spec.usageMessage().description()),
            spec.args().stream().flatMap(arg -> Stream.of(arg.description())))
        .flatMap(lines -> lines)
        .forEach(
            line -> assertThatCode(() -> line.formatted()).as(line).doesNotThrowAnyException());
  }

  @Test
  void anExampleThatHasRottenIsFound() {
    assertThatThrownBy(() -> parsed(List.of("up", "--modle", "DIR")))
        .isInstanceOf(ParameterException.class);
  }

  @Test
  void wordsAreAsAShellMakesThem() {
    assertThat(commandLines("  A=b trimtab ask \"two words\" --json | jq '.x y' # and so on"))
        .containsExactly(List.of("ask", "two words", "--json"));
    assertThat(commandLines("  trimtab adapters validate D && trimtab adapters list > file"))
        .containsExactly(List.of("adapters", "validate", "D"), List.of("adapters", "list"));
    assertThat(commandLines("  NO_COLOR   any value")).isEmpty();
  }

  static Stream<Named<CommandLine>> commands() {
    return all(Main.commandLine())
        .filter(command -> !command.getCommandName().equals("help"))
        .map(command -> Named.of(command.getCommandSpec().qualifiedName(), command));
  }

  private static Stream<CommandLine> all(CommandLine command) {
    return Stream.concat(
        Stream.of(command),
        command.getSubcommands().values().stream().flatMap(HelpExamplesTest::all));
  }

  private static List<List<String>> examples(CommandLine command) {
    return Stream.of(command.getCommandSpec().usageMessage().footer())
        .filter(line -> !line.strip().startsWith(LAUNCHER))
        .filter(line -> !line.contains("COMMAND --help"))
        .flatMap(line -> commandLines(line).stream())
        .toList();
  }

  private static ParseResult parsed(List<String> words) {
    return Main.commandLine().parseArgs(words.toArray(String[]::new));
  }

  private static String reached(ParseResult result) {
    List<CommandLine> path = result.asCommandLineList();
    return path.getLast().getCommandSpec().qualifiedName();
  }

  /** The arguments of each call of trimtab in a line of shell: quotes, comments, pipes, files. */
  private static List<List<String>> commandLines(String line) {
    List<List<String>> calls = new ArrayList<>();
    List<String> call = new ArrayList<>();
    for (String word : words(line)) {
      if (word.equals("|") || word.equals("&&") || word.equals(">")) {
        calls.add(call);
        call = new ArrayList<>();
      } else if (!call.isEmpty() || !word.matches("[A-Z_]+=.*")) {
        call.add(word);
      }
    }
    calls.add(call);
    return calls.stream()
        .filter(each -> !each.isEmpty() && each.getFirst().equals("trimtab"))
        .map(each -> each.subList(1, each.size()))
        .toList();
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    boolean open = false;
    for (char c : (line + " ").toCharArray()) {
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        open = true;
      } else if (c == '#' && !open) {
        return words;
      } else if (c == ' ') {
        if (open) {
          words.add(word.toString());
        }
        word.setLength(0);
        open = false;
      } else {
        word.append(c);
        open = true;
      }
    }
    return words;
  }
}
