package io.trimtab.engine.scheduling;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.List;
import java.util.function.Consumer;

/**
 * How sequences end that do not come to their own end: what they hold goes back first, then who
 * waits for them is told why, whatever the listener does. The step loop's thread, but for {@link
 * #endWaiting}.
 */
final class Endings {
  private static final System.Logger LOG = System.getLogger(StepLoop.class.getName());
  private static final RequestLog REQUESTS = new RequestLog(StepLoop.class);

  private final Admission admission;
  private final Consumer<Sequence> release;

  /**
   * @param release gives back the slot and the lease of a seated sequence
   */
  Endings(Admission admission, Consumer<Sequence> release) {
    this.admission = admission;
    this.release = release;
  }

  /** Ends one that holds a slot. */
  void end(Sequence sequence, TrimtabException reason) {
    release.accept(sequence);
    tell(sequence, reason);
  }

  /** The same for what went wrong with it; what is no refusal is a fault of ours. */
  void endFailed(Sequence sequence, RuntimeException cause) {
    end(sequence, asRefusal(sequence, cause));
  }

  /** Ends one that holds a permit and no slot; any thread that took it out of the queue. */
  void endWaiting(Sequence sequence, TrimtabException reason) {
    admission.leave(sequence.ticket());
    sequence.lease().close();
    tell(sequence, reason);
  }

  /** Ends the rows of a step that failed. */
  void endAll(List<Sequence> rows, RuntimeException cause) {
    LOG.log(
        System.Logger.Level.ERROR, "A decode step of %d rows failed".formatted(rows.size()), cause);
    for (Sequence sequence : rows) {
      end(
          sequence,
          new TrimtabException(
              ErrorCode.INTERNAL,
              "The step that request %s was in failed".formatted(sequence.requestId()),
              cause));
    }
  }

  /** Ends the running rows that are longer than what there is memory for. */
  void endRowsBeyond(int reserved, SlotTable slots, RuntimeException cause) {
    LOG.log(System.Logger.Level.ERROR, "There is no room for longer sequences", cause);
    for (int row = slots.running() - 1; row >= 0; row--) {
      Sequence sequence = slots.at(row);
      if (sequence != null && sequence.length() > reserved) {
        end(
            sequence,
            new TrimtabException(
                ErrorCode.RESOURCE_EXHAUSTED,
                "The request %s has %d tokens and there is memory for %d; try again later"
                    .formatted(sequence.requestId(), sequence.length(), reserved),
                cause));
      }
    }
  }

  static TrimtabException lost(Sequence sequence) {
    return new TrimtabException(
        ErrorCode.INTERNAL,
        "The request %s was taken out of the queue".formatted(sequence.requestId()));
  }

  private static TrimtabException asRefusal(Sequence sequence, RuntimeException cause) {
    if (cause instanceof TrimtabException refusal) {
      return refusal;
    }
    REQUESTS.error(sequence.ticket(), "Request " + sequence.requestId() + " failed", cause);
    return new TrimtabException(
        ErrorCode.INTERNAL, "The request %s failed".formatted(sequence.requestId()), cause);
  }

  private static void tell(Sequence sequence, TrimtabException reason) {
    try {
      sequence.task().stopped(reason);
    } catch (RuntimeException e) {
      REQUESTS.error(sequence.ticket(), "A listener of " + sequence.requestId() + " threw", e);
    }
  }
}
