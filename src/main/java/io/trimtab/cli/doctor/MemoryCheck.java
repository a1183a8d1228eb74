package io.trimtab.cli.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Memory of the machine, or what a container's limit leaves of it, beside what a server takes.
 *
 * @param memory what there is
 * @param weightsBytes of the checkpoint on disk; 0 where it is not known
 * @param cachesBytes that the server's caches may grow to
 */
public record MemoryCheck(Memory memory, long weightsBytes, long cachesBytes) implements Check {
  /** Java, Quarkus, the broker and a small model. */
  private static final long LEAST_BYTES = 2L << 30;

  /**
   * Memory in bytes.
   *
   * @param total that this process may use
   * @param machine of the whole machine; 0 where nobody says
   */
  public record Memory(long total, long machine) {
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    /** That of this process; Java knows the limits of control groups. */
    public static Memory here() {
      OperatingSystemMXBean system =
          ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
      return new Memory(system.getTotalMemorySize(), machineBytes());
    }

    private static long machineBytes() {
      try {
        for (String line : Files.readAllLines(MEMINFO)) {
          if (line.startsWith("MemTotal:")) {
            return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
          }
        }
      } catch (IOException | NumberFormatException e) {
        // Then only what Java says is told.
      }
      return 0;
    }
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public List<Finding> look() {
    long total = memory.total();
    String there =
        memory.machine() > total
            ? "%s of the machine's %s, by a limit"
                .formatted(Sizes.text(total), Sizes.text(memory.machine()))
            : Sizes.text(total);
    if (weightsBytes > total) {
      return List.of(
          Finding.fault(
              name(),
              "%s, and the weights alone are %s".formatted(there, Sizes.text(weightsBytes)),
              "take a smaller model, or give it more memory"));
    }
    if (total < LEAST_BYTES) {
      return List.of(
          Finding.warning(
              name(),
              "%s, which is little: a server takes about %s"
                  .formatted(there, Sizes.text(LEAST_BYTES)),
              "give it more memory, or lower trimtab.engine.*-cache-bytes"));
    }
    if (weightsBytes + cachesBytes > total) {
      return List.of(
          Finding.warning(
              name(),
              "%s; weights of %s and caches of up to %s do not fit together"
                  .formatted(there, Sizes.text(weightsBytes), Sizes.text(cachesBytes)),
              "lower trimtab.engine.*-cache-bytes, or give it more memory"));
    }
    return List.of(Finding.ok(name(), there));
  }
}
