package io.trimtab.cli.terminal;

import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What a command prints to. A pipe and a file have no width: what is read by a program is never
 * shortened.
 *
 * @param columns characters of a line, where it is a terminal
 * @param ansi whether colours are shown: picocli's own rules, which know NO_COLOR, CLICOLOR,
 *     CLICOLOR_FORCE and pipes
 */
public record Terminal(OptionalInt columns, Ansi ansi) {
  /** A pipe. */
  public static final Terminal NONE = new Terminal(OptionalInt.empty(), Ansi.OFF);

  /** Below this nothing could be laid out. */
  private static final int COLUMNS_MIN = 40;

  private static final int COLUMNS_MAX = 1000;

  /** A command line that knows how wide its lines may be. */
  public interface Fitted {
    /** Characters of a line; none where nothing limits them. */
    OptionalInt columns();
  }

  /** What the command line that runs a command was told to print to. */
  public static Terminal of(CommandSpec spec) {
    OptionalInt columns =
        spec.root().userObject() instanceof Fitted root ? root.columns() : OptionalInt.empty();
    return new Terminal(columns, spec.commandLine().getColorScheme().ansi());
  }

  /** The width of what standard output is now, asked when it is needed. */
  public static Supplier<OptionalInt> standardOutput() {
    return () -> columns(WindowSize.columns(), System.getenv());
  }

  /**
   * As people expect: what {@code COLUMNS} says goes before what the terminal says, and neither
   * counts where there is no terminal.
   */
  static OptionalInt columns(OptionalInt window, Map<String, String> environment) {
    if (window.isEmpty()) {
      return window;
    }
    String said = environment.getOrDefault("COLUMNS", "").strip();
    int columns =
        said.matches("[0-9]{1,6}") && Integer.parseInt(said) > 0
            ? Integer.parseInt(said)
            : window.getAsInt();
    return OptionalInt.of(Math.clamp(columns, COLUMNS_MIN, COLUMNS_MAX));
  }

  public String painted(String text, Tone tone) {
    return ansi.enabled() ? tone.painted(text) : text;
  }
}
