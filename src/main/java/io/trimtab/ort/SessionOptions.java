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
 */
public record SessionOptions(
    Device device, int intraOpThreads, Optimization optimization, Map<String, String> config) {

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

  public SessionOptions {
    if (intraOpThreads < 0) {
      throw new IllegalArgumentException("Expected 0 threads or more, got " + intraOpThreads);
    }
    config = Map.copyOf(config);
  }

  /** All optimizations, ONNX Runtime's own defaults for the rest. */
  public static SessionOptions on(Device device, int intraOpThreads) {
    return new SessionOptions(device, intraOpThreads, Optimization.ALL, Map.of());
  }

  public SessionOptions with(Optimization other) {
    return new SessionOptions(device, intraOpThreads, other, config);
  }

  /** These options and one more config entry. */
  public SessionOptions withConfig(String key, String value) {
    Map<String, String> more = new HashMap<>(config);
    more.put(key, value);
    return new SessionOptions(device, intraOpThreads, optimization, more);
  }
}
