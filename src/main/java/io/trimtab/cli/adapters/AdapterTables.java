package io.trimtab.cli.adapters;

import com.google.protobuf.Timestamp;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.cli.terminal.TextTable;
import io.trimtab.cli.terminal.TextTable.Column;
import io.trimtab.cli.terminal.Tone;
import io.trimtab.error.PlainText;
import io.trimtab.v1.Adapter;
import io.trimtab.v1.AdapterEvent;
import io.trimtab.v1.Revision;
import io.trimtab.v1.RevisionState;
import io.trimtab.v1.ValidationReport;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Adapters as lines for people. */
final class AdapterTables {
  private static final int DIGEST_CHARACTERS = 12;

  private AdapterTables() {}

  static List<String> adapters(List<Adapter> adapters, Terminal terminal) {
    TextTable table =
        new TextTable(
            Column.left("ADAPTER"),
            Column.right("ACTIVE"),
            Column.left("CANARY"),
            Column.right("SCALE"),
            Column.right("REVISIONS"),
            Column.right("VERSION"));
    for (Adapter adapter : adapters) {
      table.row(
          adapter.getAdapter(),
          active(adapter),
          canary(adapter),
          number(adapter.getScale()),
          adapter.getRevisionsCount(),
          adapter.getVersion());
    }
    return table.lines(terminal);
  }

  static List<String> revisions(Adapter adapter, Terminal terminal) {
    TextTable table =
        new TextTable(
            Column.right("REVISION"),
            Column.left("STATE"),
            Column.right("SCALE"),
            Column.right("RANK"),
            Column.shortened("TARGETS"),
            Column.right("PARAMETERS"),
            Column.right("KB"),
            Column.left("CREATED"),
            Column.left("DIGEST"),
            Column.shortened("ORIGIN"),
            Column.wrapped("NOTE"));
    for (Revision revision : adapter.getRevisionsList()) {
      table.row(
          revision.getRevision(),
          tone(revision.getState()).of(state(revision.getState())),
          number(revision.getScale()),
          revision.getRank(),
          String.join(",", revision.getTargetsList()),
          revision.getParameters(),
          (revision.getBytes() + 999) / 1000,
          time(revision.getCreated()),
          abbreviated(revision.getDigest()),
          revision.getOrigin(),
          revision.getNote());
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        PlainText.of(
            "%s: active %s, canary %s, scale %s, version %d"
                .formatted(
                    adapter.getAdapter(),
                    active(adapter),
                    canary(adapter),
                    number(adapter.getScale()),
                    adapter.getVersion())));
    lines.addAll(table.lines(terminal));
    return lines;
  }

  static String uploaded(Revision revision) {
    return PlainText.of(
        "%s@%d is %s: rank %d on %s, %d parameters, digest %s"
            .formatted(
                revision.getAdapter(),
                revision.getRevision(),
                state(revision.getState()),
                revision.getRank(),
                String.join(",", revision.getTargetsList()),
                revision.getParameters(),
                abbreviated(revision.getDigest())));
  }

  static List<String> report(ValidationReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s: %d of %d tensors belong to the model, largest change of a log-probability %s"
            .formatted(
                report.getAccepted() ? "accepted" : "refused",
                report.getTensorsMatched(),
                report.getTensorsTotal(),
                number(report.getLargestOutputChange())));
    report.getErrorsList().forEach(error -> lines.add("  " + PlainText.of(error)));
    return lines;
  }

  static String event(AdapterEvent event) {
    Revision revision = event.getRevision();
    return PlainText.of(
            "%s  %-11s  %s@%d  %s"
                .formatted(
                    time(event.getTime()),
                    event.getKind(),
                    revision.getAdapter(),
                    revision.getRevision(),
                    event.getReason()))
        .stripTrailing();
  }

  private static String active(Adapter adapter) {
    return adapter.getActiveRevision() == 0
        ? "base"
        : Integer.toString(adapter.getActiveRevision());
  }

  private static String canary(Adapter adapter) {
    return adapter.getCanaryRevision() == 0
        ? "-"
        : "%d (%d %%)".formatted(adapter.getCanaryRevision(), adapter.getCanaryPercent());
  }

  private static String state(RevisionState state) {
    return state.name().replace("REVISION_STATE_", "").toLowerCase(Locale.ROOT);
  }

  private static Tone tone(RevisionState state) {
    return switch (state) {
      case REVISION_STATE_ACTIVE -> Tone.GOOD;
      case REVISION_STATE_REJECTED, REVISION_STATE_QUARANTINED -> Tone.BAD;
      default -> Tone.PLAIN;
    };
  }

  private static String abbreviated(String digest) {
    return digest.substring(0, Math.min(DIGEST_CHARACTERS, digest.length()));
  }

  private static String time(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds()).toString();
  }

  /** The shortest digits that mean this float. */
  private static String number(float value) {
    return Float.isFinite(value)
        ? new BigDecimal(Float.toString(value)).stripTrailingZeros().toPlainString()
        : Float.toString(value);
  }
}
