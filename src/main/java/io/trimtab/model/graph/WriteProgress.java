package io.trimtab.model.graph;

/** Hears how far the writing of a graph's weights has come. */
@FunctionalInterface
public interface WriteProgress {
  /** Called after each weight, on the writing thread. */
  void written(long bytes, long bytesTotal);

  /** Hears nothing. */
  static WriteProgress silent() {
    return (bytes, bytesTotal) -> {};
  }
}
