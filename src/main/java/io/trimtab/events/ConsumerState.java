package io.trimtab.events;

import java.time.Instant;

/**
 * What the reader of feedback does.
 *
 * @param since when it began to
 * @param reason why it does not read, in words for the operator; empty where it does
 */
public record ConsumerState(Activity activity, Instant since, String reason) {
  /** What it does. */
  public enum Activity {
    /** Asks for its place among the readers. */
    JOINING,
    /** Reads what comes; another reader may have all partitions. */
    CONSUMING,
    /** Waits for the broker, and goes on by itself. */
    BROKER_AWAY,
    /** Waits for the store to take a record, and goes on by itself. */
    STORE_FAILING,
    /** Meets a fault of ours again and again. */
    FAULTY,
    /** Has ended by a fault of ours: only a restart helps. */
    DEAD,
    /** Is not started, or closed. */
    STOPPED
  }
}
