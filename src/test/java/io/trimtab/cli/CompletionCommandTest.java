package io.trimtab.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.cli.terminal.ExitCodes;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script in a bash of its own. */
final class CompletionCommandTest {
  /** Does what bash does when a tab is typed behind the last word. */
  private static final String DRIVER =
      """
      source "$1" || exit 9
      shift
      COMP_WORDS=("$@")
      COMP_CWORD=$(($# - 1))
      COMP_LINE="$*"
      COMP_POINT=${#COMP_LINE}
      function=$(complete -p trimtab | sed 's/.*-F \\([^ ]*\\).*/\\1/')
      "$function" trimtab "${COMP_WORDS[COMP_CWORD]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """;

  @TempDir private Path folder;

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    assertThat(completions("adap")).containsExactly("adapters");
    assertThat(completions("adapters", "up")).containsExactly("upload");
    assertThat(completions("up", "--pre")).containsExactly("--precision");
    assertThat(completions("completion", "")).contains("bash", "zsh");
  }

  @Test
  void zshTakesTheSameScript() {
    assertThat(script("zsh")).isEqualTo(script("bash")).contains("bashcompinit");
  }

  @Test
  void anotherShellIsAMistakeThatNamesThoseThereAre() {
    PrintedCommand trimtab = trimtab();
    assertThat(trimtab.run("completion", "csh")).isEqualTo(ExitCodes.USAGE);
    assertThat(trimtab.errors()).contains("csh", "bash", "zsh");
  }

  /** What is offered for the last word. */
  private List<String> completions(String... words) throws IOException, InterruptedException {
    Path script = Files.writeString(folder.resolve("completion"), script("bash"));
    List<String> command =
        new ArrayList<>(List.of("bash", "-c", DRIVER, "bash", script.toString(), "trimtab"));
    command.addAll(List.of(words));
    // compopt grumbles there, since no tab was typed.
    Process bash = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
    String output = new String(bash.getInputStream().readAllBytes(), UTF_8);
    assertThat(bash.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(bash.exitValue()).as(output).isZero();
    return output.lines().toList();
  }

  private static String script(String shell) {
    PrintedCommand trimtab = trimtab();
    assertThat(trimtab.run("completion", shell)).isZero();
    return trimtab.printedSoFar();
  }

  private static PrintedCommand trimtab() {
    return PrintedCommand.of(() -> PrintedCommand.unconnected(_ -> 0));
  }
}
