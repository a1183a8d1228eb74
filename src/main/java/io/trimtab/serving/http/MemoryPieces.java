package io.trimtab.serving.http;

import io.trimtab.serving.InboundBudget;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayDeque;
import java.util.Enumeration;

/**
 * Keeps a body in memory: up to {@link RequestBody#BYTES_MAX}, which others watch, and out of a
 * budget that all such bodies share. What has been read of it is let go: this is reachable from the
 * call until its answer ends.
 */
final class MemoryPieces implements BodyPieces<InputStream> {
  /**
   * Memory is taken by so much: a piece of one byte, kept by itself, would take far more than is
   * counted. A whole body of {@link RequestBody#BYTES_MAX} takes just that.
   */
  static final int SEGMENT_BYTES = 1 << 14;

  private final InboundBudget budget;
  private final String tenant;
  private final ArrayDeque<byte[]> segments = new ArrayDeque<>();
  private int lastFree;
  private long taken;

  MemoryPieces(InboundBudget budget, String tenant) {
    this.budget = budget;
    this.tenant = tenant;
  }

  /**
   * @throws io.trimtab.error.TrimtabException RESOURCE_EXHAUSTED where the budget is spent
   */
  @Override
  public void add(Buffer piece) {
    int next = 0;
    while (next < piece.length()) {
      if (lastFree == 0) {
        budget.take(tenant, SEGMENT_BYTES);
        taken += SEGMENT_BYTES;
        segments.add(new byte[SEGMENT_BYTES]);
        lastFree = SEGMENT_BYTES;
      }
      int end = Math.min(next + lastFree, piece.length());
      piece.getBytes(next, end, segments.getLast(), SEGMENT_BYTES - lastFree);
      lastFree -= end - next;
      next = end;
    }
  }

  @Override
  public boolean isFull() {
    return false;
  }

  @Override
  public Future<Void> drained() {
    return Future.succeededFuture();
  }

  @Override
  public Future<InputStream> whole() {
    return Future.succeededFuture(new SequenceInputStream(given()));
  }

  @Override
  public void discard() {
    segments.clear();
    budget.giveBack(tenant, taken);
    taken = 0;
  }

  private Enumeration<InputStream> given() {
    return new Enumeration<>() {
      @Override
      public boolean hasMoreElements() {
        return !segments.isEmpty();
      }

      @Override
      public InputStream nextElement() {
        byte[] segment = segments.remove();
        return new ByteArrayInputStream(
            segment, 0, segments.isEmpty() ? SEGMENT_BYTES - lastFree : SEGMENT_BYTES);
      }
    };
  }

  /** Whether nothing is left here, be it that nothing came or that all was read. */
  boolean isEmpty() {
    return segments.isEmpty();
  }
}
