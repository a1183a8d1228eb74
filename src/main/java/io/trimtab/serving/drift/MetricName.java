package io.trimtab.serving.drift;

import java.util.Map;

/**
 * A watched quantity as the wire has it.
 *
 * @param name such as {@code number_token_bias}
 * @param direction {@code more} or {@code less} than base; empty for what has none
 */
public record MetricName(String name, String direction) {
  /** The drift watch names a bias after its class of tokens; the wire after what it shows. */
  private static final Map<String, String> RENAMED =
      Map.of("numbers_bias", "number_token_bias", "refusals_bias", "refusal_bias");

  /**
   * Reads a quantity's key.
   *
   * @param key such as {@code numbers_bias+}, or {@code probes}
   */
  public static MetricName of(String key) {
    if (key.endsWith("+")) {
      return named(key, "more");
    }
    return key.endsWith("-") ? named(key, "less") : new MetricName(key, "");
  }

  private static MetricName named(String key, String direction) {
    String name = key.substring(0, key.length() - 1);
    return new MetricName(RENAMED.getOrDefault(name, name), direction);
  }
}
