package io.trimtab.cli.local;

import io.trimtab.engine.api.Generator;

/**
 * A generator that a command has for itself: the model in this process, or a connection to a
 * server.
 *
 * @param generator who answers
 * @param release called once, when nothing is running any more
 */
public record OpenedGenerator(Generator generator, Runnable release) implements AutoCloseable {
  @Override
  public void close() {
    release.run();
  }
}
