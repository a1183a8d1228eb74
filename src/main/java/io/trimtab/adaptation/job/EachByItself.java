package io.trimtab.adaptation.job;

import io.trimtab.adapter.AdapterId;
import io.trimtab.error.TrimtabException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Does the same for one adapter after the other, so that what is damaged of one holds up no other.
 * A failure is logged once for its adapter, until that goes well again. Any thread.
 */
final class EachByItself {
  private static final System.Logger LOG = System.getLogger(EachByItself.class.getName());

  /** Logged already; at most one entry for each adapter. */
  private final Set<AdapterId> failing = ConcurrentHashMap.newKeySet();

  /**
   * Does it for one adapter.
   *
   * @return whether it went well
   * @throws TrimtabException where the store fails, which is no one adapter's trouble
   */
  boolean attempt(AdapterId adapter, Runnable action) {
    try {
      action.run();
      failing.remove(adapter);
      return true;
    } catch (TrimtabException e) {
      switch (e.code()) {
        case UNAVAILABLE, RESOURCE_EXHAUSTED -> throw e;
        case INVALID_ARGUMENT,
            UNAUTHENTICATED,
            NOT_FOUND,
            FAILED_PRECONDITION,
            INTERNAL,
            CANCELLED,
            DEADLINE_EXCEEDED -> {
          if (failing.add(adapter)) {
            LOG.log(
                System.Logger.Level.ERROR,
                "Tuning of {0} is held up: {1}",
                adapter,
                e.getMessage());
          }
        }
      }
      return false;
    }
  }
}
