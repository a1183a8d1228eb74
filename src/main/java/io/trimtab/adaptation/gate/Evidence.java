package io.trimtab.adaptation.gate;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All that was seen of a candidate.
 *
 * @param validation on the new task
 * @param probes on other tasks
 * @param gaps questions without an outcome
 */
public record Evidence(List<PairedOutcome> validation, List<PairedOutcome> probes, List<Gap> gaps) {
  public Evidence {
    validation = List.copyOf(validation);
    probes = List.copyOf(probes);
    gaps = List.copyOf(gaps);
  }

  /**
   * A question that one of the two gave no answer to.
   *
   * @param item its id
   * @param reason what the engine said
   */
  public record Gap(String item, Party party, String reason) {}

  /** Who was asked. */
  public enum Party {
    BASE,
    TUNED
  }

  /** With one outcome of each input: the same question twice tells nothing more. */
  Evidence distinct() {
    return new Evidence(distinct(validation), distinct(probes), gaps);
  }

  /**
   * Probes by which forgetting would be seen: what base does not know, as where its answer is
   * worded otherwise than the probe's, no candidate can forget.
   */
  long probesToKeep() {
    return probes.stream().filter(PairedOutcome::baseIsRight).count();
  }

  private static List<PairedOutcome> distinct(List<PairedOutcome> outcomes) {
    Set<String> seen = new HashSet<>();
    return outcomes.stream().filter(outcome -> seen.add(outcome.input())).toList();
  }
}
