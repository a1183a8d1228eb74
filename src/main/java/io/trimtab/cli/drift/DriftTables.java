package io.trimtab.cli.drift;

import com.google.protobuf.Timestamp;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.cli.terminal.TextTable;
import io.trimtab.cli.terminal.TextTable.Column;
import io.trimtab.cli.terminal.Tone;
import io.trimtab.cli.terminal.WrappedText;
import io.trimtab.error.PlainText;
import io.trimtab.v1.DriftLevel;
import io.trimtab.v1.DriftMetric;
import io.trimtab.v1.DriftReference;
import io.trimtab.v1.DriftReport;
import io.trimtab.v1.DriftShadow;
import io.trimtab.v1.DriftSignal;
import io.trimtab.v1.ProbeFailure;
import io.trimtab.v1.ProbeResult;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** How revisions stand, and what was done about it, as lines for people. */
final class DriftTables {
  private static final int EVENTS_SHOWN = 10;

  private DriftTables() {}

  /** One adapter, in full. */
  static List<String> report(DriftReport report, Terminal terminal) {
    List<String> lines = new ArrayList<>(revision("", report, report.getShadow(), terminal));
    if (report.hasCanaryReport()) {
      lines.add("");
      lines.addAll(revision("Canary ", report.getCanaryReport(), report.getShadow(), terminal));
    }
    if (report.getEventsCount() > 0) {
      lines.add("");
      lines.add(
          report.getEventsCount() > EVENTS_SHOWN
              ? "Events, the latest %d of %d:".formatted(EVENTS_SHOWN, report.getEventsCount())
              : "Events:");
      report.getEventsList().stream()
          .skip(Math.max(0, report.getEventsCount() - EVENTS_SHOWN))
          .map(DriftTables::event)
          .forEach(lines::addAll);
    }
    lines.add("");
    lines.addAll(shadow(report.getShadow()));
    return lines;
  }

  /** All adapters, one a line; a canary has a line of its own. */
  static List<String> overview(List<DriftReport> reports, Terminal terminal) {
    TextTable table =
        new TextTable(
            Column.left("ADAPTER"),
            Column.right("REVISION"),
            Column.right("SCALE"),
            Column.left("LEVEL"),
            Column.left("HELD AGAINST"),
            Column.right("READ"),
            Column.shortened("MOST EVIDENCE"));
    for (DriftReport report : reports) {
      row(table, report);
      if (report.hasCanaryReport()) {
        row(table, report.getCanaryReport());
      }
    }
    return table.lines(terminal);
  }

  private static void row(TextTable table, DriftReport report) {
    table.row(
        report.getAdapter(),
        report.getRevision() == 0
            ? "base"
            : report.getRevision() + (report.getCanary() ? " (canary)" : ""),
        number(report.getScale()),
        tone(report.getLevel()).of(level(report.getLevel())),
        switch (report.getReference()) {
          case DRIFT_REFERENCE_ENVELOPE -> "envelope";
          case DRIFT_REFERENCE_BASE -> "base";
          default -> "-";
        },
        report.getAnswersRead(),
        report.getMetricsList().stream()
            .max(Comparator.comparingDouble(each -> each.getStatistic() / each.getThreshold()))
            .map(
                metric ->
                    "%s %s: %s"
                        .formatted(
                            metric.getName(),
                            metric.getDirection(),
                            share(metric.getStatistic(), metric.getThreshold())))
            .orElse("-"));
  }

  /** A signal and what was done about it: a line, and the reason below it. */
  static List<String> event(DriftSignal signal) {
    List<String> lines = new ArrayList<>();
    lines.add(
        PlainText.of(
                "%s  %s@%d  %s  %s %s"
                    .formatted(
                        time(signal.getActed()),
                        signal.getAdapter(),
                        signal.getRevision(),
                        level(signal.getLevel()),
                        signal.getMetric(),
                        signal.getDirection()))
            .stripTrailing());
    String outcome =
        switch (signal.getOutcome()) {
          case "done" -> signal.getAction();
          case "advised" -> "would " + signal.getAction();
          default -> "did not " + signal.getAction();
        };
    lines.addAll(WrappedText.lines("  ", "%s: %s".formatted(outcome, signal.getReason())));
    return lines;
  }

  private static List<String> revision(
      String title, DriftReport report, DriftShadow shadow, Terminal terminal) {
    List<String> lines = new ArrayList<>();
    if (report.getRevision() == 0) {
      lines.add(
          PlainText.of(
              "%s is served by base: there is nothing to watch".formatted(report.getAdapter())));
      return lines;
    }
    lines.add(
        "%s%s@%d at scale %s: %s"
            .formatted(
                title,
                PlainText.of(report.getAdapter()),
                report.getRevision(),
                number(report.getScale()),
                terminal.painted(level(report.getLevel()), tone(report.getLevel()))));
    lines.addAll(
        WrappedText.lines(
            "",
            report.getReference() == DriftReference.DRIFT_REFERENCE_ENVELOPE
                ? "It is held against what the gate saw of it: to leave that alarms, to have learned"
                    + " does not."
                : "No gate has seen it, so nothing says what it may do: far from base it is warned"
                    + " of, and the probes decide."));
    lines.addAll(WrappedText.lines("", read(report, shadow)));
    if (report.getMetricsCount() > 0) {
      lines.add("");
      lines.addAll(metrics(report.getMetricsList(), terminal));
    }
    if (report.hasProbed()) {
      lines.addAll(probes(report, terminal));
    }
    if (report.hasProbeFailure()) {
      ProbeFailure failure = report.getProbeFailure();
      lines.add("");
      lines.addAll(
          WrappedText.lines(
              "",
              "Its probes could not be put to it at %s: %s. The next try is due at %s."
                  .formatted(
                      time(failure.getTime()), failure.getReason(), time(failure.getNext()))));
    }
    return lines;
  }

  private static String read(DriftReport report, DriftShadow shadow) {
    if (report.getAnswersRead() > 0) {
      return "Answers that base read as well: %d (%d tokens). Left out, since the same question had just been read: %d."
          .formatted(
              report.getAnswersRead(), report.getTokensObserved(), report.getAnswersRepeated());
    }
    return shadow.getShare() == 0
        ? "This server has base read no answers (trimtab.drift.share is 0): nothing is known of it."
        : "None of its answers was read by base yet on this server, so nothing is known of it.";
  }

  private static List<String> metrics(List<DriftMetric> metrics, Terminal terminal) {
    TextTable table =
        new TextTable(
            Column.left("METRIC"),
            Column.left("THAN BASE"),
            Column.right("BASE"),
            Column.right("TUNED"),
            Column.right("EXCESS"),
            Column.right("EVIDENCE"),
            Column.right("WARNING"),
            Column.left("LEVEL"));
    for (DriftMetric metric : metrics) {
      table.row(
          metric.getName(),
          metric.getDirection(),
          decimal(metric.getBase()),
          decimal(metric.getTuned()),
          decimal(metric.getExcess()),
          share(metric.getStatistic(), metric.getThreshold()),
          share(metric.getWarningStatistic(), metric.getWarningThreshold()),
          tone(metric.getLevel()).of(level(metric.getLevel())));
    }
    return table.lines(terminal);
  }

  private static List<String> probes(DriftReport report, Terminal terminal) {
    List<String> lines = new ArrayList<>(List.of(""));
    lines.add(
        "Probed %s: %s"
            .formatted(
                time(report.getProbed()),
                report.getProbeReport().getPassed() ? "passed" : "REFUSED"));
    TextTable table =
        new TextTable(
            Column.left("TASK"),
            Column.right("PROBES"),
            Column.right("BASE"),
            Column.right("TUNED"));
    for (ProbeResult probes : report.getProbesList()) {
      table.row(
          probes.getTask(),
          probes.getExamples(),
          decimal(probes.getBaseAccuracy()),
          decimal(probes.getTunedAccuracy()));
    }
    lines.addAll(table.lines(terminal));
    report.getProbeReport().getChecksList().stream()
        .filter(check -> !check.getPassed())
        .map(check -> "%s: %s".formatted(check.getName(), check.getDetail()))
        .forEach(refusal -> lines.addAll(WrappedText.lines("  ", refusal)));
    return lines;
  }

  private static List<String> shadow(DriftShadow shadow) {
    return WrappedText.lines(
        "",
        "Base reads %s of this server's live answers as well: since it started %d were chosen and %d read, %d were left out for want of room, %d failed."
            .formatted(
                percent(shadow.getShare()),
                shadow.getChosen(),
                shadow.getRead(),
                shadow.getLeftOut(),
                shadow.getFailed()));
  }

  private static String level(DriftLevel level) {
    return switch (level) {
      case DRIFT_LEVEL_STABLE -> "stable";
      case DRIFT_LEVEL_WARNING -> "WARNING";
      case DRIFT_LEVEL_DRIFT -> "DRIFT";
      default -> "-";
    };
  }

  private static Tone tone(DriftLevel level) {
    return switch (level) {
      case DRIFT_LEVEL_STABLE -> Tone.GOOD;
      case DRIFT_LEVEL_WARNING -> Tone.WARNING;
      case DRIFT_LEVEL_DRIFT -> Tone.BAD;
      default -> Tone.PLAIN;
    };
  }

  /** Of a threshold, as far as it is worth saying. */
  private static String share(double statistic, double threshold) {
    double share = statistic / threshold;
    if (share > 0 && share < 0.01) {
      return "<1 %";
    }
    return share >= 9.995 ? ">999 %" : "%d %%".formatted(Math.round(share * 100));
  }

  private static String percent(double share) {
    return new BigDecimal(String.format(Locale.ROOT, "%.1f", share * 100))
            .stripTrailingZeros()
            .toPlainString()
        + " %";
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }

  private static String number(float value) {
    return new BigDecimal(Float.toString(value)).stripTrailingZeros().toPlainString();
  }

  private static String time(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds()).toString();
  }
}
