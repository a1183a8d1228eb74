package io.trimtab.serving;

import io.quarkus.runtime.ShutdownEvent;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * The calls in progress, so that a stopping server can let them end. Safe for use by many threads;
 * one monitor guards all fields.
 */
@ApplicationScoped
public class OpenCalls {
  private static final Logger LOG = Logger.getLogger(OpenCalls.class);

  // With quarkus.shutdown.timeout, which comes before, beneath the ten seconds after which
  // container
  // runtimes commonly kill.
  private static final Duration GRACE = Duration.ofSeconds(7);

  private int open;
  private boolean closed;
  private final Set<Runnable> endless = new HashSet<>();

  /**
   * Counts a call in; {@link #ended} must follow.
   *
   * @throws TrimtabException UNAVAILABLE once the server is stopping
   */
  public synchronized void began() {
    if (closed) {
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE, "The server is stopping; try another or try again later");
    }
    open++;
  }

  /**
   * Counts in a call that ends by itself never: a stopping server calls {@code end} once, by any
   * thread. {@link #ended(Runnable)} must follow.
   *
   * @throws TrimtabException UNAVAILABLE once the server is stopping
   */
  public synchronized void began(Runnable end) {
    began();
    endless.add(end);
  }

  /** Counts such a call out. */
  public synchronized void ended(Runnable end) {
    endless.remove(end);
    ended();
  }

  /** Counts a call out. */
  public synchronized void ended() {
    if (open == 0) {
      throw new IllegalStateException("More calls ended than began");
    }
    open--;
    notifyAll();
  }

  /** Whether calls are still counted in. */
  public synchronized boolean areTaken() {
    return !closed;
  }

  /** Refuses new calls, waits for the open ones, and says how many are left when time is out. */
  public int close(Duration grace) throws InterruptedException {
    // Outside the monitor: the ending of a call takes a lock of its own, under which it comes here.
    closing().forEach(Runnable::run);
    return await(grace);
  }

  private synchronized List<Runnable> closing() {
    closed = true;
    return List.copyOf(endless);
  }

  private synchronized int await(Duration grace) throws InterruptedException {
    long end = System.nanoTime() + grace.toNanos();
    for (long left = grace.toNanos(); open > 0 && left > 0; left = end - System.nanoTime()) {
      // Rounded up: wait(0) would wait for ever.
      wait(left / 1_000_000 + 1);
    }
    return open;
  }

  // Before the observers that stop the engine, and before Quarkus stops the gRPC server.
  void stop(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) ShutdownEvent stopping) {
    try {
      int left = close(GRACE);
      if (left > 0) {
        LOG.warnf("%d calls had not ended after %s and are cut off", left, GRACE);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
