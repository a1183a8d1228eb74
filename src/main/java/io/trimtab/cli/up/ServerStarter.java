package io.trimtab.cli.up;

/** What starts the server; the application gives it, since commands know nothing of wiring. */
@FunctionalInterface
public interface ServerStarter {
  /**
   * Starts the server and returns when it has stopped.
   *
   * @return the exit code: 0 stopped in order, 1 failed to start
   */
  int run(ServerOptions options);

  /** Asks a running server to stop; {@link #run} returns when it has. */
  default void stop() {}
}
