package io.trimtab.serving.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.time.Duration;

/**
 * How fast a client takes what it is streamed. One thread sends, and waits on this object's
 * monitor; gRPC's, which must not wait, wakes it.
 */
public final class ClientPace {
  private final ServerCallStreamObserver<?> client;
  private final Duration stallMax;

  public ClientPace(ServerCallStreamObserver<?> client, Duration stallMax) {
    this.client = client;
    this.stallMax = stallMax;
  }

  /** The client can take more, or has gone. */
  public synchronized void changed() {
    notifyAll();
  }

  /**
   * Waits until gRPC's buffer for the client (32 KiB) is not full.
   *
   * @throws TrimtabException CANCELLED when the client has gone, RESOURCE_EXHAUSTED when it takes
   *     nothing for too long
   */
  public synchronized void awaitReady() {
    long end = System.nanoTime() + stallMax.toNanos();
    while (!client.isReady()) {
      if (client.isCancelled()) {
        throw new TrimtabException(ErrorCode.CANCELLED, "The client has gone");
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new TrimtabException(
            ErrorCode.RESOURCE_EXHAUSTED,
            "What is sent is read too slowly: nothing was taken for %d s"
                .formatted(stallMax.toSeconds()));
      }
      try {
        // Rounded up: wait(0) would wait for ever.
        wait(left / 1_000_000 + 1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TrimtabException(ErrorCode.CANCELLED, "The sending was interrupted", e);
      }
    }
  }
}
