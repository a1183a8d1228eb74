package io.trimtab.adapter;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Keeps blobs from being deleted while a revision that will name them is on its way: held from
 * before they are committed until the revision is added. Blobs that no revision names when the last
 * pin on them is closed are deleted.
 */
public final class BlobPin implements AutoCloseable {
  private final List<String> blobs;
  private final Consumer<List<String>> unpin;
  private final AtomicBoolean closed = new AtomicBoolean();

  BlobPin(List<String> blobs, Consumer<List<String>> unpin) {
    this.blobs = blobs;
    this.unpin = unpin;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      unpin.accept(blobs);
    }
  }
}
