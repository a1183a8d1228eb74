package io.trimtab.cli;

import io.trimtab.cli.TrimtabCommand.Detail;
import io.trimtab.error.TrimtabException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one line on standard error and an exit code. */
final class Failures {
  private Failures() {}

  /** A command line that makes no sense: exit code 2, with the nearest known names. */
  static int usage(ParameterException exception, String[] args) {
    CommandLine command = exception.getCommandLine();
    String help = " (see %s --help)".formatted(command.getCommandSpec().qualifiedName());
    print(command.getErr(), oneLine(message(exception)) + suggestion(exception) + help);
    command.getErr().flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** A command that failed: exit code 1. */
  static int failed(Throwable exception, CommandLine command, Detail detail) {
    switch (detail) {
      case LINE -> print(command.getErr(), oneLine(message(exception)));
      case STACKTRACE -> exception.printStackTrace(command.getErr());
    }
    command.getErr().flush();
    return command.getCommandSpec().exitCodeOnExecutionException();
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
      case TrimtabException _ when text != null -> text;
      case ParameterException _ when text != null -> text;
      case Throwable other when text == null -> other.getClass().getSimpleName();
      case Throwable other -> other.getClass().getSimpleName() + ": " + text;
    };
  }

  private static String suggestion(ParameterException exception) {
    if (!(exception instanceof UnmatchedArgumentException unmatched)) {
      return "";
    }
    List<String> near = unmatched.getSuggestions();
    return near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
