package io.trimtab.tuning;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command line of a trainer: this JVM's JDK and class path.
 *
 * @param main class that is run
 * @param moreOptions of the JVM
 */
record TrainerCommand(TuningProcessOptions options, String main, List<String> moreOptions) {
  /** Serving goes first. */
  private static final String NICENESS = "10";

  TrainerCommand {
    moreOptions = List.copyOf(moreOptions);
  }

  ProcessBuilder builder(Path jobFolder) throws IOException {
    Path folder = jobFolder.toAbsolutePath();
    // A class path can be longer than a command line may be.
    Path arguments = folder.resolve("trainer.args");
    Files.writeString(arguments, String.join("\n", javaOptions(folder)), StandardCharsets.UTF_8);
    List<String> command = new ArrayList<>();
    nice().ifPresent(nice -> command.addAll(List.of(nice, "-n", NICENESS)));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + arguments);
    command.add(main);
    command.add(folder.toString());
    ProcessBuilder builder = new ProcessBuilder(command);
    String cache = options.cacheFolder().toAbsolutePath().toString();
    builder.environment().putAll(Map.of("DJL_CACHE_DIR", cache, "ENGINE_CACHE_DIR", cache));
    // Threads that wait without spinning: the cores are the step loop's as well.
    builder.environment().putIfAbsent("OMP_WAIT_POLICY", "PASSIVE");
    return builder;
  }

  private List<String> javaOptions(Path folder) {
    List<String> lines = new ArrayList<>();
    lines.add("-Xmx" + options.heapBytesMax());
    lines.add("-XX:+UseSerialGC");
    lines.add("-XX:-CreateCoredumpOnCrash");
    lines.add(quoted("-XX:ErrorFile=" + folder.resolve("trainer-crash.log")));
    lines.add("-Dai.djl.offline=true");
    lines.add("--enable-native-access=ALL-UNNAMED");
    lines.add("--sun-misc-unsafe-memory-access=allow");
    moreOptions.forEach(option -> lines.add(quoted(option)));
    lines.add("-cp");
    lines.add(quoted(System.getProperty("java.class.path")));
    return lines;
  }

  /** As java's own files of arguments want it. */
  private static String quoted(String argument) {
    return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static Optional<String> nice() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Arrays.stream(path.split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "nice"))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }
}
