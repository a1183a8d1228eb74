package io.trimtab.serving.console;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** How many pages listen, in all and for each tenant. Any thread; the monitor guards the counts. */
@Singleton
class OpenStreams {
  static final int STREAMS_MAX = 256;
  static final int OF_A_TENANT_MAX = 64;

  private final Map<String, Integer> counts = new HashMap<>();
  private int all;

  /**
   * Takes a place, to be given back by running what this returns, once or more often.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED where all are taken
   */
  synchronized Runnable enter(String tenant) {
    int own = counts.getOrDefault(tenant, 0);
    if (own >= OF_A_TENANT_MAX || all >= STREAMS_MAX) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "%d streams of the console are open, %d of them of this tenant; expected under %d and %d"
              .formatted(all, own, STREAMS_MAX, OF_A_TENANT_MAX));
    }
    counts.put(tenant, own + 1);
    all++;
    AtomicBoolean left = new AtomicBoolean();
    return () -> {
      if (!left.getAndSet(true)) {
        leave(tenant);
      }
    };
  }

  private synchronized void leave(String tenant) {
    all--;
    counts.computeIfPresent(tenant, (_, count) -> count == 1 ? null : count - 1);
  }

  synchronized int open() {
    return all;
  }
}
