package io.trimtab.cli;

import io.trimtab.model.graph.WriteProgress;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A progress bar on standard error for the writing of graphs. It appears with the first bytes,
 * where standard error is a terminal and there is enough to wait for.
 */
final class ImportProgress implements WriteProgress, AutoCloseable {
  /** Below this nobody has time to read a bar. */
  private static final long BYTES_MIN = 256L << 20;

  private final String label;
  private final boolean terminal;
  private @Nullable ProgressBar bar;

  private ImportProgress(String label, boolean terminal) {
    this.label = label;
    this.terminal = terminal;
  }

  static ImportProgress onTerminal(String label) {
    return new ImportProgress(label, System.console() != null && System.console().isTerminal());
  }

  @Override
  public void written(long bytes, long bytesTotal) {
    if (!terminal || bytesTotal < BYTES_MIN) {
      return;
    }
    ProgressBar shown = bar;
    if (shown == null) {
      shown =
          new ProgressBarBuilder()
              .setTaskName(label)
              .setStyle(ProgressBarStyle.ASCII)
              .setUnit(" MB", 1 << 20)
              .setInitialMax(bytesTotal)
              .build();
      bar = shown;
    }
    shown.stepTo(bytes);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
