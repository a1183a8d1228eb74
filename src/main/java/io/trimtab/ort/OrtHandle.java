package io.trimtab.ort;

import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * The one owner of one native object. After {@link #close}, which may be called again, {@link
 * #address} throws. Not thread-safe; its user says which thread.
 */
final class OrtHandle implements AutoCloseable {
  private static final long CLOSED = 0;

  private final Supplier<String> what;
  private final LongConsumer release;
  private long address;

  OrtHandle(String what, long address, LongConsumer release) {
    this(() -> what, address, release);
  }

  /** For handles that are made often: the text is made only for a message. */
  OrtHandle(Supplier<String> what, long address, LongConsumer release) {
    this.what = what;
    this.address = address;
    this.release = release;
  }

  long address() {
    if (address == CLOSED) {
      throw new IllegalStateException(what.get() + " is closed");
    }
    return address;
  }

  @Override
  public void close() {
    long open = address;
    if (open != CLOSED) {
      address = CLOSED;
      release.accept(open);
    }
  }

  @Override
  public String toString() {
    return what.get();
  }
}
