package io.trimtab.serving;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client whose readiness the test turns; it remembers what it was sent. */
final class FakeClient<T> extends ServerCallStreamObserver<T> {
  final List<T> received = new ArrayList<>();
  @Nullable Status status;
  volatile boolean ready = true;
  volatile boolean cancelled;
  int requested;

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public void onNext(T message) {
    received.add(message);
  }

  @Override
  public void onError(Throwable failure) {
    end(Status.fromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    end(Status.OK);
  }

  private void end(Status end) {
    if (status != null) {
      throw new IllegalStateException("Ended with %s, then with %s".formatted(status, end));
    }
    status = end;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {}

  @Override
  public void setOnReadyHandler(Runnable handler) {}

  @Override
  public void setCompression(String compression) {}

  @Override
  public void setMessageCompression(boolean enable) {}

  @Override
  public void disableAutoInboundFlowControl() {}

  @Override
  public void request(int count) {
    requested += count;
  }
}
