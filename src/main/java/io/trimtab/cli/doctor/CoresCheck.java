package io.trimtab.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Cores that this process may use.
 *
 * @param cores what a container's limit leaves, as Java counts them
 * @param machineCores of the whole machine; 0 where nobody says
 */
public record CoresCheck(int cores, int machineCores) implements Check {
  private static final Path CPUS = Path.of("/proc/cpuinfo");

  /** Those of this process. */
  public static CoresCheck here() {
    return new CoresCheck(Runtime.getRuntime().availableProcessors(), machine());
  }

  @Override
  public String name() {
    return "cores";
  }

  @Override
  public List<Finding> look() {
    String found =
        machineCores > cores
            ? "%d of the machine's %d, by a limit".formatted(cores, machineCores)
            : Integer.toString(cores);
    return List.of(
        cores >= 2
            ? Finding.ok(name(), found)
            : Finding.warning(
                name(),
                found + ": tuning stands still while requests run",
                "give it two cores or more, or tune elsewhere (trimtab.role=serve here)"));
  }

  private static int machine() {
    try (Stream<String> lines = Files.lines(CPUS)) {
      return (int) lines.filter(line -> line.startsWith("processor")).count();
    } catch (IOException e) {
      return 0;
    }
  }
}
