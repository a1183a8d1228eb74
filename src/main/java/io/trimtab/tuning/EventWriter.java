package io.trimtab.tuning;

import io.trimtab.tuning.TuningEvent.Working;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Says events on the trainer's standard output, each in one write. One thread. */
final class EventWriter implements Consumer<TuningEvent> {
  /** Signs of life come no more often. */
  private static final long WORKING_NANOS = 500_000_000;

  private final OutputStream to;
  private long saidNanos = System.nanoTime() - WORKING_NANOS;

  EventWriter(OutputStream to) {
    this.to = to;
  }

  @Override
  public void accept(TuningEvent event) {
    long now = System.nanoTime();
    if (event instanceof Working && now - saidNanos < WORKING_NANOS) {
      return;
    }
    saidNanos = now;
    // A library may have printed half a line to the same descriptor: the first line end ends it.
    // A pipe takes up to 4096 bytes whole, so nothing comes between.
    String line = "\n" + TuningLines.write(event) + "\n";
    try {
      to.write(line.getBytes(StandardCharsets.UTF_8));
      to.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
