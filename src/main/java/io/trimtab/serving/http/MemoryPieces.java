package io.trimtab.serving.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayDeque;
import java.util.Enumeration;

/**
 * Keeps a body in memory: up to {@link RequestBody#BYTES_MAX}, which others watch. What has been
 * read of it is let go: this is reachable from the call until its answer ends.
 */
final class MemoryPieces implements BodyPieces<InputStream> {
  private final ArrayDeque<InputStream> pieces = new ArrayDeque<>();

  @Override
  public void add(Buffer piece) {
    pieces.add(new ByteArrayInputStream(piece.getBytes()));
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
    pieces.clear();
  }

  private Enumeration<InputStream> given() {
    return new Enumeration<>() {
      @Override
      public boolean hasMoreElements() {
        return !pieces.isEmpty();
      }

      @Override
      public InputStream nextElement() {
        return pieces.remove();
      }
    };
  }

  /** Whether nothing is left here, be it that nothing came or that all was read. */
  boolean isEmpty() {
    return pieces.isEmpty();
  }
}
