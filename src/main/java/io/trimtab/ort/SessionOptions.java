package io.trimtab.ort;

import java.util.HashMap;
import java.util.Map;

/**
 * How a session runs. Immutable.
 *
 * @param intraOpThreads threads of one operator, the calling one among them; 0 leaves the number to
 *     ONNX Runtime
 * @param config entries of onnxruntime_session_options_config_keys.h, such as {@code
 *     session.intra_op.allow_spinning}
 * @param cudaOptions options of the CUDA provider beside {@code device_id}, such as {@code
 *     gpu_mem_limit}; ignored on a CPU
 */
public record SessionOptions(
    Device device,
    int intraOpThreads,
    Optimization optimization,
    MemoryPattern memoryPattern,
    CpuArena cpuArena,
    Map<String, String> config,
    Map<String, String> cudaOptions) {

  /** Rewriting of the graph when it is loaded. */
  public enum Optimization {
    NONE(0),
    BASIC(1),
    EXTENDED(2),
    ALL(99);

    private final int level;

    Optimization(int level) {
      this.level = level;
    }

    int level() {
      return level;
    }
  }

  /** Whether memory for inner values is planned per set of input shapes, and kept. */
  public enum MemoryPattern {
    PLANNED,
    UNPLANNED
  }

  /** Whether the CPU provider keeps freed memory for itself. */
  public enum CpuArena {
    KEPT,
    RETURNED
  }

  public SessionOptions {
    if (intraOpThreads < 0) {
      throw new IllegalArgumentException("Expected 0 threads or more, got " + intraOpThreads);
    }
    config = Map.copyOf(config);
    cudaOptions = Map.copyOf(cudaOptions);
  }

  /** All optimizations, ONNX Runtime's own defaults for the rest. */
  public static SessionOptions on(Device device, int intraOpThreads) {
    return new SessionOptions(
        device,
        intraOpThreads,
        Optimization.ALL,
        MemoryPattern.PLANNED,
        CpuArena.KEPT,
        Map.of(),
        Map.of());
  }

  public SessionOptions with(Optimization other) {
    return new SessionOptions(
        device, intraOpThreads, other, memoryPattern, cpuArena, config, cudaOptions);
  }

  public SessionOptions with(MemoryPattern other) {
    return new SessionOptions(
        device, intraOpThreads, optimization, other, cpuArena, config, cudaOptions);
  }

  public SessionOptions with(CpuArena other) {
    return new SessionOptions(
        device, intraOpThreads, optimization, memoryPattern, other, config, cudaOptions);
  }

  /** These options and one more config entry. */
  public SessionOptions withConfig(String key, String value) {
    return new SessionOptions(
        device,
        intraOpThreads,
        optimization,
        memoryPattern,
        cpuArena,
        added(config, key, value),
        cudaOptions);
  }

  /** These options and one more option of the CUDA provider. */
  public SessionOptions withCuda(String key, String value) {
    return new SessionOptions(
        device,
        intraOpThreads,
        optimization,
        memoryPattern,
        cpuArena,
        config,
        added(cudaOptions, key, value));
  }

  private static Map<String, String> added(Map<String, String> map, String key, String value) {
    Map<String, String> more = new HashMap<>(map);
    more.put(key, value);
    return more;
  }
}
