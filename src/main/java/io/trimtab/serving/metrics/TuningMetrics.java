package io.trimtab.serving.metrics;

import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Tuning jobs as this process knows them, and what the gate said of their candidates. */
final class TuningMetrics implements MetricSource {
  private final Supplier<List<TuningJob>> jobs;
  private final BooleanSupplier held;

  /**
   * @param jobs all that are known; waits for nothing
   * @param held whether training stands now, for the sake of requests
   */
  TuningMetrics(Supplier<List<TuningJob>> jobs, BooleanSupplier held) {
    this.jobs = jobs;
    this.held = held;
  }

  @Override
  public void collect(Families into) {
    Map<JobState, Integer> states = new EnumMap<>(JobState.class);
    Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    for (TuningJob job : jobs.get()) {
      states.merge(job.state(), 1, Integer::sum);
      GateReport gate = job.gate();
      if (gate != null) {
        verdicts.merge(gate.verdict(), 1, Integer::sum);
      }
    }
    Families.Rows byState =
        into.gauge("trimtab_tuning_jobs", "Kept jobs by state", List.of("state"));
    for (JobState state : JobState.values()) {
      byState.add(states.getOrDefault(state, 0), small(state));
    }
    into.gauge(
        "trimtab_tuning_held",
        "1 while training stands so that requests are served in time",
        held.getAsBoolean() ? 1 : 0);
    Families.Rows byVerdict =
        into.gauge("trimtab_gate_verdicts", "Kept jobs by the gate's verdict", List.of("verdict"));
    for (Verdict verdict : Verdict.values()) {
      byVerdict.add(verdicts.getOrDefault(verdict, 0), small(verdict));
    }
  }

  private static String small(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
