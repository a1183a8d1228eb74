package io.trimtab.adaptation.governor;

import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.Served;
import java.util.List;

/** Who puts the probes to a served revision. Any thread; returns at once. */
public interface Probing {
  void order(Served served);

  /**
   * What was signalled of all that their last run refuses, whether they are still served or not.
   */
  List<DriftSignal> refusals();

  /**
   * Whether the probes are to be put to a revision for the first time since the start. Where they
   * can be, and nobody has, that is ordered.
   */
  boolean awaitsFirst(Served served);
}
