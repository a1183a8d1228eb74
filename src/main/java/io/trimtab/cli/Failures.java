package io.trimtab.cli;

import io.trimtab.cli.TrimtabCommand.Detail;
import io.trimtab.cli.terminal.ExitCodes;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line on standard error and one of {@link ExitCodes}. */
public final class Failures {
  /** Picocli's words for it; it has no type of its own. */
  private static final String MISSING = "Missing required subcommand";

  private Failures() {}

  /**
   * A command line that makes no sense: USAGE, with the nearest known names, or all of them where a
   * command is missing.
   */
  static int usage(ParameterException exception, String[] args) {
    CommandLine command = exception.getCommandLine();
    String help = " (see %s --help)".formatted(command.getCommandSpec().qualifiedName());
    print(command.getErr(), oneLine(message(exception)) + suggestion(exception) + help);
    command.getErr().flush();
    return ExitCodes.USAGE;
  }

  /** A command that failed, or that somebody interrupted while it waited. */
  public static int failed(Throwable exception, CommandLine command, Detail detail) {
    switch (detail) {
      case LINE -> print(command.getErr(), oneLine(message(exception)) + whereToLook(exception));
      case STACKTRACE -> exception.printStackTrace(command.getErr());
    }
    command.getErr().flush();
    return exception instanceof InterruptedException ? ExitCodes.INTERRUPTED : ExitCodes.FAILED;
  }

  /** A refusal says all there is to say; what nobody foresaw does not. */
  private static String whereToLook(Throwable exception) {
    return switch (exception) {
      case TrimtabException _, IOException _, UncheckedIOException _, InterruptedException _ -> "";
      default -> " (--stacktrace shows where)";
    };
  }

  private static void print(PrintWriter err, String line) {
    err.println("trimtab: " + line);
  }

  /** Java's file exceptions carry only the path: the words are in the class name. */
  static String message(Throwable exception) {
    String text = exception.getMessage();
    return switch (exception) {
      case NoSuchFileException missing -> "No such file or folder: " + missing.getFile();
      case AccessDeniedException denied -> "Permission denied: " + denied.getFile();
      case FileAlreadyExistsException there -> "There is already a file " + there.getFile();
      case NotDirectoryException file -> "Expected a folder: " + file.getFile();
      case DirectoryNotEmptyException full -> "The folder is not empty: " + full.getFile();
      case FileSystemException _ when text != null -> text;
      case UncheckedIOException wrapped ->
          unwrapped(text, Objects.requireNonNull(wrapped.getCause()));
      case InterruptedException _ -> "interrupted";
      case TrimtabException _ when text != null -> text;
      case ParameterException _ when text != null -> text;
      case Throwable other when text == null -> other.getClass().getSimpleName();
      case Throwable other -> other.getClass().getSimpleName() + ": " + text;
    };
  }

  /** The sentence that was put before it, where there is one, and the reason in words. */
  private static String unwrapped(@Nullable String own, Throwable cause) {
    boolean copied = own == null || own.equals(cause.toString());
    return copied ? message(cause) : own + ": " + message(cause);
  }

  private static String suggestion(ParameterException exception) {
    if (MISSING.equals(exception.getMessage())) {
      return ", expected one of " + String.join(", ", commands(exception.getCommandLine()));
    }
    if (!(exception instanceof UnmatchedArgumentException unmatched)) {
      return "";
    }
    List<String> near = unmatched.getSuggestions();
    return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
  }

  private static Set<String> commands(CommandLine parent) {
    Set<String> names = new LinkedHashSet<>();
    parent
        .getSubcommands()
        .forEach(
            (name, command) -> {
              if (!command.getCommandSpec().usageMessage().hidden()) {
                names.add(name);
              }
            });
    return names;
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
