package io.trimtab.cli;

import io.trimtab.engine.Engine;
import io.trimtab.engine.ServedBy;
import java.util.Collections;

/** Requests to base, some at a time, one round after the other until this is closed. */
final class BackgroundRequests implements AutoCloseable {
  private final BenchRequests requests;
  private final int count;
  private final Thread thread;
  private volatile boolean ending;

  BackgroundRequests(BenchRequests requests, int count) {
    this.requests = requests;
    this.count = count;
    this.thread = Thread.ofPlatform().name("bench-others").unstarted(this::run);
  }

  /** Returns when all of them have a slot. */
  void start(Engine engine) throws InterruptedException {
    thread.start();
    while (engine.statistics().running() < count) {
      Thread.sleep(10);
    }
  }

  private void run() {
    try {
      while (!ending) {
        requests.ask(Collections.nCopies(count, ServedBy.BASE));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ending = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
