package io.trimtab.cli.doctor;

import java.util.Optional;

/** Asks who has a port that is taken. */
@FunctionalInterface
public interface Neighbour {
  /**
   * Asks, for a bounded time.
   *
   * @param host an address to connect to
   * @return a Trimtab in a few words, such as the model it serves; empty for anybody else
   */
  Optional<String> at(String host, int port);
}
