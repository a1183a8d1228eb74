package io.trimtab.app;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * Memory outside the heap that the JVM gives out and frees by itself, which is where the pictures
 * of the engine's caches are, those of the requests at work, and gRPC messages on their way in.
 */
final class DirectMemory {
  /** What bounds it, for messages. */
  static final String BOUND =
      "half of this JVM's -XX:MaxDirectMemorySize, which is the heap's maximum where it is"
          + " not set";

  private static final long IMAGE_BYTES = 256L << 20;
  private static final long VISION_BYTES = 128L << 20;

  private DirectMemory() {}

  /**
   * For the caches together: the rest is for requests that wait and run, and for messages on their
   * way in.
   */
  static long cachesMax() {
    return bytesMax() / 2;
  }

  static long imageCacheBytes(TrimtabConfig.Engine engine) {
    return engine.imageCacheBytes().orElse(Math.min(IMAGE_BYTES, bytesMax() / 3));
  }

  static long visionCacheBytes(TrimtabConfig.Engine engine) {
    return engine.visionCacheBytes().orElse(Math.min(VISION_BYTES, bytesMax() / 6));
  }

  /** All of it. Netty takes its buffers of it too. */
  static long bytesMax() {
    long set =
        Long.parseLong(
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue());
    return set == 0 ? Runtime.getRuntime().maxMemory() : set;
  }
}
