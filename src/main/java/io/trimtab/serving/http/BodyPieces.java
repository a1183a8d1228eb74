package io.trimtab.serving.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * Where the pieces of a body are kept as they come. All on the event loop until they are together,
 * then wherever the body is used.
 *
 * @param <B> what they are once they are together
 */
interface BodyPieces<B> {
  /**
   * Keeps one more.
   *
   * @throws io.trimtab.error.TrimtabException where there is no room for it
   */
  void add(Buffer piece);

  /** Whether the next had better wait. */
  boolean isFull();

  /** Tells when there is room again. Called where {@link #isFull}, and fails with the disk. */
  Future<Void> drained();

  /** All of them, in their order; nothing is added from here on. */
  Future<B> whole();

  /** Lets go of all that is there; nothing more is kept. May come again. */
  void discard();
}
