package io.trimtab.engine.scheduling;

import io.trimtab.engine.api.Priority;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A few threads that prepare requests for the step loop, by turns: a picture may keep one for
 * seconds, and a tenant that brings a hundred of them delays another's first one by one. Any
 * thread.
 */
final class PreparationThreads implements AutoCloseable {
  private final ExecutorService threads;
  private final WaitingQueue<Preparation> waiting = new WaitingQueue<>();

  private record Preparation(String tenant, Priority priority, Runnable work)
      implements WaitingQueue.Waiting {}

  PreparationThreads(int count) {
    this.threads =
        Executors.newFixedThreadPool(
            count, Thread.ofPlatform().name("trimtab-prepare-", 0).daemon().factory());
  }

  /** For tasks of one tenant. */
  Executor of(String tenant, Priority priority) {
    return work -> execute(new Preparation(tenant, priority, work));
  }

  /**
   * Has something done in its turn.
   *
   * @throws RejectedExecutionException once closed
   */
  private void execute(Preparation preparation) {
    synchronized (waiting) {
      // One turn for each that waits. Under the lock: none begins before there is something to do.
      threads.execute(this::turn);
      waiting.add(preparation);
    }
  }

  private void turn() {
    Preparation next = next();
    if (next != null) {
      next.work().run();
    }
  }

  private @Nullable Preparation next() {
    synchronized (waiting) {
      Preparation next = waiting.next(_ -> true);
      if (next != null) {
        waiting.take(next);
      }
      return next;
    }
  }

  /** Waits for all that was taken. */
  @Override
  public void close() {
    threads.close();
  }
}
