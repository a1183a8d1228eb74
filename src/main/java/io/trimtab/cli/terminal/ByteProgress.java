package io.trimtab.cli.terminal;

import io.trimtab.model.graph.WriteProgress;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A progress bar on standard error for bytes that are written or sent. It appears with the first of
 * them, where standard error is a terminal and there is enough to wait for.
 */
public final class ByteProgress implements WriteProgress, AutoCloseable {
  /** Below this, on a local disk, nobody has time to read a bar. */
  private static final long DISK_BYTES_MIN = 256L << 20;

  /** The same for a network. */
  private static final long NETWORK_BYTES_MIN = 4L << 20;

  private final String label;
  private final long bytesMin;
  private final boolean terminal;
  private @Nullable ProgressBar bar;

  private ByteProgress(String label, long bytesMin) {
    this.label = label;
    this.bytesMin = bytesMin;
    this.terminal = System.console() != null && System.console().isTerminal();
  }

  /** For what goes to a local disk. */
  public static ByteProgress writing(String label) {
    return new ByteProgress(label, DISK_BYTES_MIN);
  }

  /** For what goes to a server. */
  public static ByteProgress sending(String label) {
    return new ByteProgress(label, NETWORK_BYTES_MIN);
  }

  @Override
  public void written(long bytes, long bytesTotal) {
    if (!terminal || bytesTotal < bytesMin) {
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
