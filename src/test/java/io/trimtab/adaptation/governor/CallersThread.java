package io.trimtab.adaptation.governor;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Runs what it is given at once, on the caller's thread, until it is shut down. */
final class CallersThread extends AbstractExecutorService {
  private volatile boolean shutdown;

  @Override
  public void execute(Runnable work) {
    if (shutdown) {
      throw new RejectedExecutionException("Shut down");
    }
    work.run();
  }

  @Override
  public void shutdown() {
    shutdown = true;
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown = true;
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return shutdown;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return shutdown;
  }
}
