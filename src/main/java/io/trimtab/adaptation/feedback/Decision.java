package io.trimtab.adaptation.feedback;

import java.time.Instant;
import java.util.Optional;

/** Whether an adapter is to be tuned now. */
public sealed interface Decision {
  /**
   * Not now.
   *
   * @param until when to ask again if nothing happens before; empty where only something that
   *     happens can change it
   * @param reason what is waited for
   */
  record Wait(Optional<Instant> until, String reason) implements Decision {}

  /**
   * Now.
   *
   * @param since when it came to be due; of several adapters the earliest is first
   */
  record Tune(TriggerReason reason, Instant since) implements Decision {}
}
