package io.trimtab.adaptation.governor;

import io.trimtab.drift.Served;
import java.util.Optional;

/** What came of probing served revisions on this server, since it started. Any thread. */
public interface ProbeOutcomes {
  /** What a revision answered last; empty where no try has come to an end. */
  Optional<ProbeRun> last(Served served);

  /** Why the latest try says nothing; empty where it says something, and where there was none. */
  Optional<ProbeFailure> failure(Served served);
}
