package io.trimtab.serving.http;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.concurrent.atomic.AtomicLong;

/** The memory that bodies may hold between them, from their first byte until they are read. */
final class BodyBudget {
  private final long bytesMax;
  private final AtomicLong held = new AtomicLong();

  BodyBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** A quarter of the heap; on a small one what a single body may have, which is always taken. */
  static BodyBudget ofHeap(long heapBytes) {
    return new BodyBudget(Math.max(heapBytes / 4, RequestBody.BYTES_MAX));
  }

  /**
   * Takes more for a body.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED where there is no room; nothing is taken then
   */
  void take(int bytes) {
    long before = held.getAndUpdate(now -> now + bytes > bytesMax ? now : now + bytes);
    if (before + bytes > bytesMax) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "Bodies that are being sent hold %d bytes, this one needs %d more, expected at most %d together"
              .formatted(before, bytes, bytesMax));
    }
  }

  void giveBack(long bytes) {
    held.addAndGet(-bytes);
  }

  long heldBytes() {
    return held.get();
  }

  long bytesMax() {
    return bytesMax;
  }
}
