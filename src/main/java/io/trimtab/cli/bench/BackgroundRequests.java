package io.trimtab.cli.bench;

import io.trimtab.engine.Engine;
import io.trimtab.engine.api.ServedBy;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests to base, some at a time, each followed by its like until this is closed. Their lengths
 * differ, so that they do not begin together.
 */
final class BackgroundRequests implements AutoCloseable {
  private static final int PROMPT_TOKENS = 24;
  private static final int SHORTEST_TOKENS = 200;
  private static final int STEP_TOKENS = 37;

  private final Engine engine;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean ending;

  BackgroundRequests(Engine engine, int count) {
    this.engine = engine;
    for (int i = 0; i < count; i++) {
      BenchRequests requests =
          new BenchRequests(engine, PROMPT_TOKENS, SHORTEST_TOKENS + i * STEP_TOKENS);
      threads.add(Thread.ofPlatform().name("bench-other-", i).unstarted(() -> run(requests)));
    }
  }

  /** Returns when all of them have a slot. */
  void start() throws InterruptedException {
    threads.forEach(Thread::start);
    while (engine.statistics().running() < threads.size()) {
      Thread.sleep(10);
    }
  }

  private void run(BenchRequests requests) {
    try {
      while (!ending) {
        requests.ask(List.of(ServedBy.BASE));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ending = true;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
