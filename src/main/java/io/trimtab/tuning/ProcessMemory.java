package io.trimtab.tuning;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of this process as the operating system counts it. */
public final class ProcessMemory {
  private ProcessMemory() {}

  /** Resident set in bytes, mapped files included; 0 where the system does not tell (not Linux). */
  public static long residentBytes() {
    return bytes("self", "VmRSS:");
  }

  /** The highest that the resident set has been, in bytes; 0 where the system does not tell. */
  public static long peakBytes() {
    return bytes("self", "VmHWM:");
  }

  /** The same of the child process that has had most; 0 without any. */
  public static long childrenPeakBytes() {
    return ProcessHandle.current()
        .children()
        .mapToLong(child -> bytes(Long.toString(child.pid()), "VmHWM:"))
        .max()
        .orElse(0);
  }

  private static long bytes(String process, String figure) {
    Path status = Path.of("/proc", process, "status");
    if (!Files.isReadable(status)) {
      return 0;
    }
    try {
      return Files.readAllLines(status).stream()
          .filter(line -> line.startsWith(figure))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
