package io.trimtab.cli.tune;

import io.trimtab.cli.terminal.Terminal;
import io.trimtab.cli.terminal.TextTable;
import io.trimtab.cli.terminal.TextTable.Column;
import io.trimtab.cli.terminal.Tone;
import io.trimtab.error.PlainText;
import io.trimtab.v1.GateCheck;
import io.trimtab.v1.GateReport;
import io.trimtab.v1.TuningJob;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Tuning jobs and what the gate says of them, as lines for people. */
final class TuningTables {
  private TuningTables() {}

  static List<String> jobs(List<TuningJob> jobs, Terminal terminal) {
    TextTable table =
        new TextTable(
            Column.left("JOB"),
            Column.left("ADAPTER"),
            Column.left("STATE"),
            Column.left("RECIPE"),
            Column.left("TRIGGER"),
            Column.right("EXAMPLES"),
            Column.right("STEP"),
            Column.right("REVISION"),
            Column.left("CREATED"),
            Column.wrapped("ERROR"));
    for (TuningJob job : jobs) {
      table.row(
          job.getJobId(),
          job.getAdapter(),
          tone(job).of(state(job)),
          job.getRecipe(),
          job.getTrigger(),
          job.getExamples(),
          "%d/%d".formatted(job.getStep(), job.getSteps()),
          job.getPublishedRevision() == 0 ? "-" : job.getPublishedRevision(),
          Instant.ofEpochSecond(job.getCreated().getSeconds()),
          job.getError());
    }
    return table.lines(terminal);
  }

  static List<String> gate(GateReport report, Terminal terminal) {
    TextTable table =
        new TextTable(
            Column.left("CHECK"),
            Column.right("VALUE"),
            Column.right("LIMIT"),
            Column.left("VERDICT"),
            Column.wrapped("DETAIL"));
    for (GateCheck check : report.getChecksList()) {
      table.row(
          check.getName(),
          number(check.getValue()),
          number(check.getLimit()),
          check.getPassed() ? Tone.GOOD.of("passed") : Tone.BAD.of("REFUSED"),
          check.getDetail());
    }
    return table.lines(terminal);
  }

  /** How far a job is, in a line. */
  static String progress(TuningJob job) {
    return switch (job.getState()) {
      case TUNING_STATE_TRAINING ->
          job.getStep() == 0
              ? "laying out the data"
              : "step %d/%d  loss %.3f  validation %s  %.0f tokens/s  %s"
                  .formatted(
                      job.getStep(),
                      job.getSteps(),
                      job.getTrainLoss(),
                      job.getValidationLoss() == 0
                          ? "-"
                          : "%.3f".formatted(job.getValidationLoss()),
                      job.getTokensPerSecond(),
                      job.getDevice());
      default -> state(job);
    };
  }

  /** What became of a job, in a line. */
  static String outcome(TuningJob job) {
    return PlainText.of(
        switch (job.getState()) {
          case TUNING_STATE_PUBLISHED ->
              "%s@%d is published".formatted(job.getAdapter(), job.getPublishedRevision());
          case TUNING_STATE_REJECTED ->
              "The gate refused the candidate; it is kept as %s@%d, REJECTED"
                  .formatted(job.getAdapter(), job.getPublishedRevision());
          case TUNING_STATE_FAILED -> "The job failed: " + job.getError();
          default -> "The job is " + state(job);
        });
  }

  static String state(TuningJob job) {
    return job.getState().name().replace("TUNING_STATE_", "").toLowerCase(Locale.ROOT);
  }

  private static Tone tone(TuningJob job) {
    return switch (job.getState()) {
      case TUNING_STATE_PUBLISHED -> Tone.GOOD;
      case TUNING_STATE_REJECTED -> Tone.WARNING;
      case TUNING_STATE_FAILED -> Tone.BAD;
      default -> Tone.PLAIN;
    };
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
