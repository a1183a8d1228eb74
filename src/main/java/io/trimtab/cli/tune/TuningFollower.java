package io.trimtab.cli.tune;

import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.cli.terminal.ExitCodes;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.v1.TuningGrpc;
import io.trimtab.v1.TuningJob;
import io.trimtab.v1.TuningJobRef;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Shows a job as it goes: on a terminal in one line that is rewritten, else a line every few
 * seconds, or JSON; at the end what became of it, and the gate's report. One thread.
 */
public final class TuningFollower {
  /** How the progress is shown. */
  enum Style {
    REWRITTEN,
    LINES,
    JSON
  }

  private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

  private final Style style;
  private final PrintWriter out;
  private final Terminal terminal;
  private @Nullable TuningJob last;
  private long startedNanos;
  private int startedStep;
  private long shownNanos;
  private int width;

  TuningFollower(Style style, PrintWriter out, Terminal terminal) {
    this.style = style;
    this.out = out;
    this.terminal = terminal;
  }

  public static TuningFollower of(RemoteOptions options, PrintWriter out, Terminal terminal) {
    Style style = terminal.columns().isPresent() ? Style.REWRITTEN : Style.LINES;
    return new TuningFollower(options.json ? Style.JSON : style, out, terminal);
  }

  /** Follows to the end; the exit code that the end amounts to. */
  public int follow(RemoteServer server, String jobId) throws IOException {
    TuningJobRef ref = TuningJobRef.newBuilder().setJobId(jobId).build();
    server.forEach(() -> server.stub(TuningGrpc::newBlockingStub).watch(ref), this::show);
    return ended();
  }

  private void show(TuningJob job) {
    boolean changed = last == null || last.getState() != job.getState();
    last = job;
    switch (style) {
      case JSON -> out.println(ProtoJson.line(job));
      case REWRITTEN -> rewrite(TuningTables.progress(job) + timeLeft(job));
      case LINES -> {
        long now = System.nanoTime();
        if (changed || now - shownNanos > BETWEEN_LINES.toNanos()) {
          shownNanos = now;
          out.println(TuningTables.progress(job) + timeLeft(job));
        }
      }
    }
    out.flush();
  }

  /** A line that the terminal broke could not be rewritten. */
  private void rewrite(String whole) {
    int columns = terminal.columns().orElse(Integer.MAX_VALUE);
    String line = whole.substring(0, Math.min(whole.length(), columns - 1));
    out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
    width = line.length();
  }

  /** From the steps seen so far; an early stop may come before. */
  private String timeLeft(TuningJob job) {
    if (job.getStep() == 0) {
      return "";
    }
    long now = System.nanoTime();
    if (startedNanos == 0) {
      startedNanos = now;
      startedStep = job.getStep();
      return "";
    }
    int done = job.getStep() - startedStep;
    if (done <= 0) {
      return "";
    }
    long left = (now - startedNanos) / done * (job.getSteps() - job.getStep()) / 1_000_000_000;
    return "  at most %d:%02d left".formatted(left / 60, left % 60);
  }

  private int ended() {
    TuningJob job = last;
    if (job == null) {
      return ExitCodes.FAILED;
    }
    if (style != Style.JSON) {
      if (style == Style.REWRITTEN) {
        out.println();
      }
      if (job.hasGate()) {
        TuningTables.gate(job.getGate(), terminal).forEach(out::println);
      }
      out.println(TuningTables.outcome(job));
      out.flush();
    }
    return switch (job.getState()) {
      case TUNING_STATE_PUBLISHED -> ExitCodes.DONE;
      case TUNING_STATE_REJECTED -> ExitCodes.REFUSED;
      default -> ExitCodes.FAILED;
    };
  }
}
