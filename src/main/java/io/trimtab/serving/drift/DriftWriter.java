package io.trimtab.serving.drift;

import io.trimtab.adaptation.governor.GovernorEvent;
import io.trimtab.adaptation.governor.ProbeFailure;
import io.trimtab.adaptation.governor.ProbeRun;
import io.trimtab.adapter.Revision;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.Reference;
import io.trimtab.drift.ShadowStatistics;
import io.trimtab.drift.WatchReport;
import io.trimtab.serving.adapters.AdapterWriter;
import io.trimtab.v1.DriftMetric;
import io.trimtab.v1.DriftReference;
import io.trimtab.v1.DriftReport;
import io.trimtab.v1.DriftShadow;
import io.trimtab.v1.DriftSignal;
import io.trimtab.v1.ProbeResult;
import java.util.Locale;

/** Writes how revisions stand, and what was done about it, for the wire. */
final class DriftWriter {
  private DriftWriter() {}

  /** An adapter that is served by base: there is nothing to observe. */
  static DriftReport.Builder ofBase(String adapter) {
    return DriftReport.newBuilder()
        .setAdapter(adapter)
        .setLevel(io.trimtab.v1.DriftLevel.DRIFT_LEVEL_STABLE)
        .setScale(1);
  }

  /** A revision of which no answer was read yet. */
  static DriftReport.Builder unread(String adapter, Revision revision) {
    return ofBase(adapter)
        .setRevision(revision.revision())
        .setScale(revision.scale())
        .setReference(
            revision.files().envelope() == null
                ? DriftReference.DRIFT_REFERENCE_BASE
                : DriftReference.DRIFT_REFERENCE_ENVELOPE);
  }

  static DriftReport.Builder report(WatchReport report) {
    return DriftReport.newBuilder()
        .setAdapter(report.served().id().name())
        .setRevision(report.served().revision())
        .setScale(report.served().scale())
        .setLevel(level(report.level()))
        .setReference(reference(report.origin()))
        .setAnswersRead(report.answers())
        .setAnswersRepeated(report.repeated())
        .setTokensObserved(report.tokens())
        .setShadowTokens(report.tokens())
        .addAllMetrics(report.metrics().stream().map(DriftWriter::metric).toList());
  }

  static void probed(DriftReport.Builder report, ProbeRun run) {
    report
        .setProbed(AdapterWriter.time(run.time()))
        .setProbeReport(AdapterWriter.gate(run.report()))
        .addAllProbes(run.tasks().stream().map(DriftWriter::probes).toList());
  }

  static DriftShadow shadow(ShadowStatistics statistics, double share) {
    return DriftShadow.newBuilder()
        .setShare(share)
        .setChosen(statistics.chosen())
        .setRead(statistics.read())
        .setTokens(statistics.tokens())
        .setLeftOut(statistics.leftOut())
        .setFailed(statistics.failed())
        .build();
  }

  static DriftSignal event(GovernorEvent event) {
    io.trimtab.drift.DriftSignal signal = event.signal();
    MetricName metric = MetricName.of(signal.metric());
    return DriftSignal.newBuilder()
        .setTime(AdapterWriter.time(signal.time()))
        .setAdapter(signal.served().id().name())
        .setRevision(signal.served().revision())
        .setScale(signal.served().scale())
        .setMetric(metric.name())
        .setDirection(metric.direction())
        .setLevel(level(signal.level()))
        .setStatistic(signal.statistic())
        .setThreshold(signal.threshold())
        .setExcess(signal.excess())
        .setCause(small(signal.cause()))
        .setAnswersRead(signal.answers())
        .setDetail(signal.detail())
        .setAction(event.action().wireName())
        .setOutcome(small(event.outcome()))
        .setVersion(event.version())
        .setReason(event.reason())
        .setActed(AdapterWriter.time(event.time()))
        .build();
  }

  private static DriftMetric metric(WatchReport.Metric metric) {
    MetricName name = MetricName.of(metric.key());
    return DriftMetric.newBuilder()
        .setName(name.name())
        .setDirection(name.direction())
        .setBase(metric.base())
        .setTuned(metric.tuned())
        .setStatistic(metric.evidence())
        .setThreshold(metric.threshold())
        .setWarningStatistic(metric.page())
        .setWarningThreshold(metric.warning())
        .setExcess(metric.excess())
        .setLevel(level(metric.level()))
        .build();
  }

  static io.trimtab.v1.ProbeFailure failure(ProbeFailure failure) {
    return io.trimtab.v1.ProbeFailure.newBuilder()
        .setTime(AdapterWriter.time(failure.time()))
        .setNext(AdapterWriter.time(failure.next()))
        .setReason(failure.reason())
        .build();
  }

  private static ProbeResult probes(ProbeRun.Task task) {
    return ProbeResult.newBuilder()
        .setTask(task.task())
        .setExamples(task.probes())
        .setBaseAccuracy(task.baseAccuracy())
        .setTunedAccuracy(task.tunedAccuracy())
        .build();
  }

  private static io.trimtab.v1.DriftLevel level(DriftLevel level) {
    return switch (level) {
      case STABLE -> io.trimtab.v1.DriftLevel.DRIFT_LEVEL_STABLE;
      case WARNING -> io.trimtab.v1.DriftLevel.DRIFT_LEVEL_WARNING;
      case DRIFT -> io.trimtab.v1.DriftLevel.DRIFT_LEVEL_DRIFT;
    };
  }

  private static DriftReference reference(Reference.Origin origin) {
    return switch (origin) {
      case ENVELOPE -> DriftReference.DRIFT_REFERENCE_ENVELOPE;
      case BASE -> DriftReference.DRIFT_REFERENCE_BASE;
    };
  }

  private static String small(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
