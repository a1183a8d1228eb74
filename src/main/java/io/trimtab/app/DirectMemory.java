package io.trimtab.app;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** How much memory outside the heap the JVM gives out that it frees by itself. */
final class DirectMemory {
  /** What bounds it, for messages. */
  static final String BOUND =
      "this JVM's -XX:MaxDirectMemorySize, which is the heap's maximum where it is not set";

  private DirectMemory() {}

  static long bytesMax() {
    long set =
        Long.parseLong(
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue());
    return set == 0 ? Runtime.getRuntime().maxMemory() : set;
  }
}
