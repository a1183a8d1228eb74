package io.trimtab.events;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.utils.Exit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a broker that gives up from ending the process with everything else in it. Kafka ends its
 * process through one place, for instance when its disk fails; here the thread that asked for it
 * ends alone, and why is remembered. Any thread.
 */
final class BrokerHalt {
  private static final System.Logger LOG = System.getLogger(BrokerHalt.class.getName());

  private final AtomicReference<@Nullable String> reason = new AtomicReference<>();

  private BrokerHalt() {}

  /** From now on, for the whole process; the latest one remembers. */
  static BrokerHalt install() {
    BrokerHalt halt = new BrokerHalt();
    Exit.setExitProcedure(halt::halt);
    Exit.setHaltProcedure(halt::halt);
    return halt;
  }

  /** Why the broker gave up; empty while it did not. */
  Optional<String> reason() {
    return Optional.ofNullable(reason.get());
  }

  private void halt(int status, @Nullable String message) {
    String words =
        message == null || message.isBlank() ? "status " + status + ", the log says why" : message;
    if (reason.compareAndSet(null, words)) {
      LOG.log(
          System.Logger.Level.ERROR,
          "The embedded broker gave up ({0}); the rest of the server goes on without it until it is"
              + " restarted",
          words);
    }
    throw new IllegalStateException("The embedded broker gave up: " + words);
  }
}
