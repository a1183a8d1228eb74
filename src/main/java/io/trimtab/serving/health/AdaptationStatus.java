package io.trimtab.serving.health;

import io.trimtab.adaptation.FailedLoad;
import io.trimtab.events.ConsumerState;
import java.util.List;
import java.util.Optional;

/** How this process' part in adapting stands. Any thread; returns at once. */
public interface AdaptationStatus {
  /** {@code all}, {@code serve} or {@code tune}. */
  String role();

  /** What the reader of feedback does; empty where this process has none, or none yet. */
  Optional<ConsumerState> consumer();

  /** Why the embedded broker gave up, until a restart; empty where there is none, or none yet. */
  Optional<String> brokerFailure();

  /** Adapters whose newer version can't be served yet, the latest attempt first. */
  List<FailedLoad> failingLoads();
}
