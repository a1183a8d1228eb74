package io.trimtab.ort;

import java.util.function.LongConsumer;

/**
 * The one owner of one native object. After {@link #close}, which may be called again, {@link
 * #address} throws. Not thread-safe; its user says which thread.
 */
final class OrtHandle implements AutoCloseable {
  private static final long CLOSED = 0;

  private final String what;
  private final LongConsumer release;
  private long address;

  OrtHandle(String what, long address, LongConsumer release) {
    this.what = what;
    this.address = address;
    this.release = release;
  }

  long address() {
    if (address == CLOSED) {
      throw new IllegalStateException(what + " is closed");
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
    return what;
  }
}
