package io.trimtab.adaptation.probes;

import java.util.List;

/**
 * The questions of a probe folder by their use. No picture is in both lists, so that what is
 * rehearsed is never what is measured.
 *
 * @param probes what the gate asks
 * @param rehearsal what tuning rehearses
 */
public record ProbeSet(List<Probe> probes, List<Probe> rehearsal) {
  private static final ProbeSet NONE = new ProbeSet(List.of(), List.of());

  public ProbeSet {
    probes = List.copyOf(probes);
    rehearsal = List.copyOf(rehearsal);
  }

  /** Nothing to ask: no tuned revision is published by itself. */
  public static ProbeSet none() {
    return NONE;
  }
}
