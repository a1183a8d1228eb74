package io.trimtab.adaptation.governor;

import io.trimtab.drift.Served;

/** Who puts the probes to a served revision. Any thread; returns at once. */
public interface Probing {
  void order(Served served);
}
