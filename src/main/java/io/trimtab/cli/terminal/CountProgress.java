package io.trimtab.cli.terminal;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A progress bar on standard error for things that are done one by one, where standard error is a
 * terminal. Any thread steps it.
 */
public final class CountProgress implements AutoCloseable {
  private final @Nullable ProgressBar bar;

  private CountProgress(@Nullable ProgressBar bar) {
    this.bar = bar;
  }

  public static CountProgress of(String label, int count) {
    if (System.console() == null || !System.console().isTerminal()) {
      return new CountProgress(null);
    }
    return new CountProgress(
        new ProgressBarBuilder()
            .setTaskName(label)
            .setStyle(ProgressBarStyle.ASCII)
            .setInitialMax(count)
            .build());
  }

  /** One more is done. */
  public void step() {
    if (bar != null) {
      bar.step();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
