package io.trimtab.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Java processes for tests of what happens between processes, and after one is killed. */
public final class ChildJvm {
  private ChildJvm() {}

  /**
   * Starts a class with this JVM's class path. What it says on standard error is seen on ours.
   *
   * @param folder takes the file of arguments, since a class path is too long for some; one for
   *     each start, lest a process reads it while it is written for the next
   */
  public static Process start(Path folder, Class<?> main, String... arguments) throws IOException {
    return start(folder, "", main, arguments);
  }

  /**
   * The same with more options of the JVM.
   *
   * @param more separated by blanks
   */
  public static Process start(Path folder, String more, Class<?> main, String... arguments)
      throws IOException {
    Path options = Files.createTempFile(folder, "java-options", "");
    Files.writeString(
        options,
        "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto\n"
            + "%s --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow\n-cp \"%s\"\n%s\n"
                .formatted(
                    more,
                    System.getProperty("java.class.path").replace("\\", "\\\\"),
                    main.getName()),
        StandardCharsets.UTF_8);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + options);
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
