package io.trimtab.app;

import io.trimtab.model.BundledModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * What the launcher has run once per build, so that the JVM can record in its ahead-of-time cache
 * which classes the commands load. Its output goes nowhere, and it changes nothing outside.
 */
final class AotTrainingRun {
  /** The system property that asks for it; no command, since it is not for people. */
  static final String PROPERTY = "launcher.training";

  private AotTrainingRun() {}

  /** The commands that people wait for, the answering of a question among them. */
  private static List<List<String>> commands(Path data) {
    return List.of(
        List.of("--help"),
        List.of("--version"),
        List.of("up", "--help"),
        List.of("up", "--x"),
        List.of("ask", "--data", data.toString(), "--max-tokens", "8", "What is this?"),
        List.of("ask", "--data", data.toString(), "--image", picture(data), "What is this?"));
  }

  /** A sample of the bundled model, unpacked as the command before this one left it. */
  private static String picture(Path data) {
    return BundledModel.unpack(BundledModel.DEFAULT, data).resolve("samples/00.png").toString();
  }

  static void run() throws IOException {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    Path data = Files.createTempDirectory("trimtab-training-");
    try {
      for (List<String> command : commands(data)) {
        CommandLine line = Main.commandLine();
        line.setOut(nowhere).setErr(nowhere).execute(command.toArray(String[]::new));
      }
    } finally {
      delete(data);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
