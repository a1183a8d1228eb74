package io.trimtab.serving.adapters;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.UploadRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one upload, from gRPC's thread, which must not wait, to the one that writes them
 * to disk. A message is asked for when it is wanted, so one at a time is in memory, and a client is
 * held back by HTTP/2's own flow control.
 */
final class UploadInbox implements StreamObserver<UploadRequest> {
  /** What can happen on a call. */
  private sealed interface Arrival {
    record Message(UploadRequest message) implements Arrival {}

    record End() implements Arrival {}

    record Gone() implements Arrival {}
  }

  private final ServerCallStreamObserver<?> call;
  private final Duration stallMax;

  // A message that was asked for, the end, and the client's going, which gRPC may tell twice.
  private final BlockingQueue<Arrival> arrivals = new ArrayBlockingQueue<>(4);

  UploadInbox(ServerCallStreamObserver<?> call, Duration stallMax) {
    this.call = call;
    this.stallMax = stallMax;
  }

  /**
   * The next message, waited for; empty at the client's end.
   *
   * @throws TrimtabException CANCELLED when the client has gone, DEADLINE_EXCEEDED when it stalls
   */
  Optional<UploadRequest> next() {
    call.request(1);
    return switch (poll()) {
      case Arrival.Message(UploadRequest message) -> Optional.of(message);
      case Arrival.End() -> Optional.empty();
      case Arrival.Gone() -> throw cancelled();
      case null ->
          throw new TrimtabException(
              ErrorCode.DEADLINE_EXCEEDED,
              "The upload stalled: no message for %d s, expected one or the end"
                  .formatted(stallMax.toSeconds()));
    };
  }

  /** Refuses to go on for a client that has gone. */
  void requireClient() {
    if (call.isCancelled()) {
      throw cancelled();
    }
  }

  @Override
  public void onNext(UploadRequest message) {
    arrive(new Arrival.Message(message));
  }

  @Override
  public void onCompleted() {
    arrive(new Arrival.End());
  }

  @Override
  public void onError(Throwable failure) {
    clientGone();
  }

  /** The client has cancelled, or its connection is lost. */
  void clientGone() {
    arrive(new Arrival.Gone());
  }

  private void arrive(Arrival arrival) {
    // What does not fit comes after the client has gone, and nobody looks at it.
    var _ = arrivals.offer(arrival);
  }

  private @Nullable Arrival poll() {
    try {
      return arrivals.poll(stallMax.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw cancelled();
    }
  }

  private static TrimtabException cancelled() {
    return new TrimtabException(ErrorCode.CANCELLED, "The client ended the upload midway");
  }
}
