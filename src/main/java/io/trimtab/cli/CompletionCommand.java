package io.trimtab.cli;

import io.trimtab.cli.terminal.ExitCodes;
import io.trimtab.error.Quoted;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code trimtab completion}: what a shell needs to complete commands and options. */
@Command(
    name = "completion",
    description = {
      "Prints a script that completes commands, options and files in a shell.",
      "bash: keep it where bash-completion looks, as below, or put this line into ~/.bashrc:",
      "  source <(trimtab completion bash)",
      "zsh: put this line into ~/.zshrc, behind compinit:",
      "  source <(trimtab completion zsh)",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab completion bash > ~/.local/share/bash-completion/completions/trimtab",
      "  trimtab completion zsh > ~/.trimtab-completion.zsh",
    },
    sortOptions = false)
final class CompletionCommand implements Callable<Integer> {
  /**
   * Those that picocli writes for. One script does for both: in zsh it loads bash's completions.
   */
  enum Shell {
    BASH,
    ZSH;

    /** As it is typed. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Shell of(String typed) {
      return Arrays.stream(values())
          .filter(shell -> shell.toString().equals(typed))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "expected bash or zsh, got %s".formatted(Quoted.of(typed))));
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SHELL", converter = Typed.class, description = "bash or zsh.")
  private Shell shell = Shell.BASH;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
    out.flush();
    return ExitCodes.DONE;
  }

  /** For picocli. */
  static final class Typed implements ITypeConverter<Shell> {
    @Override
    public Shell convert(String typed) {
      return Shell.of(typed);
    }
  }
}
