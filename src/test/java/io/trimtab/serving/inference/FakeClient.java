package io.trimtab.serving.inference;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client whose readiness the test turns; it remembers what it was sent. */
public final class FakeClient<T> extends ServerCallStreamObserver<T> {
  public final List<T> received = new ArrayList<>();
  public @Nullable Status status;
  public volatile boolean ready = true;
  public volatile boolean cancelled;
  public int requested;

  /** Runs before a message is taken; what it throws is how sending fails. */
  Runnable beforeNext = () -> {};

  private Runnable onCancel = () -> {};
  private Runnable onReady = () -> {};

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public void onNext(T message) {
    beforeNext.run();
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
  public void setOnCancelHandler(Runnable handler) {
    onCancel = handler;
  }

  /** The client goes. */
  public void cancel() {
    cancelled = true;
    onCancel.run();
  }

  @Override
  public void setOnReadyHandler(Runnable handler) {
    onReady = handler;
  }

  /** The client can take more. */
  public void becomeReady() {
    ready = true;
    onReady.run();
  }

  @Override
  public void setCompression(String compression) {}

  @Override
  public void setMessageCompression(boolean enable) {}

  @Override
  public void disableAutoInboundFlowControl() {}

  @Override
  public void disableAutoRequest() {}

  @Override
  public void request(int count) {
    requested += count;
  }
}
