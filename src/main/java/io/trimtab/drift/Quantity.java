package io.trimtab.drift;

/**
 * One thing that is watched about an answer, from 0 to 1, that grows as the tuned model leaves base
 * in one direction.
 *
 * @param name of the metric in reports, such as {@code numbers_bias}; the two directions of one
 *     share it
 * @param direction which way
 */
public record Quantity(String name, Direction direction) {
  /** Which way a model leaves base. */
  public enum Direction {
    /** The tuned model does more of it than base. */
    MORE,
    /** The tuned model does less of it than base. */
    LESS
  }

  /** As the envelope and the watch's state have it, such as {@code numbers_bias+}. */
  public String key() {
    return switch (direction) {
      case MORE -> name + "+";
      case LESS -> name + "-";
    };
  }
}
