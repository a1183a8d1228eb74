package io.trimtab.adaptation.job;

import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of a job's data the model can't read, or the store has no more: it is passed over, and said
 * once for all of it. One thread.
 */
final class LeftOut {
  private static final System.Logger LOG = System.getLogger(LeftOut.class.getName());

  /** Ids that the log names. */
  private static final int NAMED_MAX = 10;

  private final List<String> ids = new ArrayList<>();
  private @Nullable TrimtabException first;

  /** What is done with one item, wholly or not at all. */
  interface Step<E extends Exception> {
    void run() throws E;
  }

  /**
   * Does it, or notes that the item is at fault.
   *
   * @throws TrimtabException what is no fault of the item's
   */
  <E extends Exception> void attempt(String id, Step<E> step) throws E {
    try {
      step.run();
    } catch (TrimtabException e) {
      switch (e.code()) {
        case INVALID_ARGUMENT, NOT_FOUND -> {
          ids.add(id);
          first = first == null ? e : first;
        }
        case UNAUTHENTICATED,
            FAILED_PRECONDITION,
            RESOURCE_EXHAUSTED,
            INTERNAL,
            UNAVAILABLE,
            CANCELLED,
            DEADLINE_EXCEEDED ->
            throw new TrimtabException(e.code(), "'%s': %s".formatted(id, e.getMessage()), e);
      }
    }
  }

  /**
   * Makes sure that something is left.
   *
   * @param what these are, in the plural
   * @throws TrimtabException the first one's fault, where so many were left out
   */
  void requireFewerThan(String what, int all) {
    TrimtabException fault = first;
    if (fault != null && ids.size() == all) {
      throw new TrimtabException(
          fault.code(),
          "None of %d %s can be trained on; '%s': %s"
              .formatted(all, what, ids.getFirst(), fault.getMessage()),
          fault);
    }
  }

  /** Says how many of so many were left out, and which. */
  void log(String what, int all) {
    TrimtabException fault = first;
    if (fault != null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} of {1} {2} are left out: {3}{4}; the first: {5}",
          ids.size(),
          all,
          what,
          String.join(", ", ids.subList(0, Math.min(NAMED_MAX, ids.size()))),
          ids.size() > NAMED_MAX ? " ..." : "",
          fault.getMessage());
    }
  }
}
