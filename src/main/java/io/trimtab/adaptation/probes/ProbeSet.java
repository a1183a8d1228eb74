package io.trimtab.adaptation.probes;

import java.util.List;

/**
 * Probes, and prompts to rehearse on; no picture is in both.
 *
 * @param probes what the gate judges by
 * @param rehearsal what training holds fast to, as base answers it
 */
public record ProbeSet(List<Probe> probes, List<Probe> rehearsal) {
  public ProbeSet {
    probes = List.copyOf(probes);
    rehearsal = List.copyOf(rehearsal);
  }

  /** With none, the gate publishes nothing by itself. */
  public static ProbeSet none() {
    return new ProbeSet(List.of(), List.of());
  }
}
