package io.trimtab.serving.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Keeps a body in memory: up to {@link RequestBody#BYTES_MAX}, which others watch. */
final class MemoryPieces implements BodyPieces<InputStream> {
  private final List<InputStream> pieces = new ArrayList<>();

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
    return Future.succeededFuture(new SequenceInputStream(Collections.enumeration(pieces)));
  }

  @Override
  public void discard() {
    pieces.clear();
  }
}
