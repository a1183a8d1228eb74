package io.trimtab.engine.execution;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was opened so far, to be closed in the opposite order when a later step fails. One thread.
 */
public final class Closing {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  public <T extends AutoCloseable> T add(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Closes everything; none of our resources throws a checked exception. */
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("A resource could not be closed", e);
      }
    }
  }
}
