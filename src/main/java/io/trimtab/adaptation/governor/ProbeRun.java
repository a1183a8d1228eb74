package io.trimtab.adaptation.governor;

import io.trimtab.adapter.GateReport;
import io.trimtab.drift.Served;
import java.time.Instant;
import java.util.List;

/**
 * What a served revision answered to the probes.
 *
 * @param report of the gate's checks that need probes alone
 */
public record ProbeRun(Instant time, Served served, List<Task> tasks, GateReport report) {
  public ProbeRun {
    tasks = List.copyOf(tasks);
  }

  /**
   * One task's probes.
   *
   * @param baseAccuracy share that base answers right, 0 to 1
   * @param tunedAccuracy share that the revision answers right
   */
  public record Task(String task, int probes, double baseAccuracy, double tunedAccuracy) {}
}
