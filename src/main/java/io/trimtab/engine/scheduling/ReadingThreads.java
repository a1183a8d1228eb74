package io.trimtab.engine.scheduling;

import io.trimtab.engine.api.Priority;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A few threads that read requests, by turns: a picture may keep one for seconds, and a tenant that
 * brings a hundred of them delays another's first one by one. Any thread.
 */
final class ReadingThreads implements AutoCloseable {
  private final ExecutorService threads;
  private final WaitingQueue<Reading> waiting = new WaitingQueue<>();

  private record Reading(String tenant, Priority priority, Runnable work)
      implements WaitingQueue.Waiting {}

  ReadingThreads(int count) {
    this.threads =
        Executors.newFixedThreadPool(
            count, Thread.ofPlatform().name("trimtab-prepare-", 0).daemon().factory());
  }

  /** For tasks of one tenant. */
  Executor of(String tenant, Priority priority) {
    return work -> execute(new Reading(tenant, priority, work));
  }

  /**
   * Has something done in its turn.
   *
   * @throws RejectedExecutionException once closed
   */
  private void execute(Reading reading) {
    synchronized (waiting) {
      // One turn for each that waits. Under the lock: none begins before there is something to do.
      threads.execute(this::turn);
      waiting.add(reading);
    }
  }

  private void turn() {
    Reading next = next();
    if (next != null) {
      next.work().run();
    }
  }

  private @Nullable Reading next() {
    synchronized (waiting) {
      Reading next = waiting.next(_ -> true);
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
