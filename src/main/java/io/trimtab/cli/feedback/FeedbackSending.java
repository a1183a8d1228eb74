package io.trimtab.cli.feedback;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.FeedbackSummary;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** A stream of feedback to a server, no faster than it takes it. One thread sends. */
public final class FeedbackSending implements AutoCloseable {
  private final RemoteServer server;
  private final CompletableFuture<FeedbackSummary> summary = new CompletableFuture<>();
  private final Object ready = new Object();
  private @Nullable ClientCallStreamObserver<FeedbackRequest> call;

  public FeedbackSending(RemoteServer server) {
    this.server = server;
    var _ = server.stub(FeedbackGrpc::newStub).submitAll(new Answer());
  }

  /**
   * Sends one, once there is room for it.
   *
   * @throws TrimtabException what the server ended the stream with
   */
  public void send(FeedbackRequest request) throws InterruptedException {
    ClientCallStreamObserver<FeedbackRequest> open = open();
    synchronized (ready) {
      while (!open.isReady() && !summary.isDone()) {
        ready.wait(1_000);
      }
    }
    if (summary.isDone()) {
      var _ = joined();
      throw new TrimtabException(ErrorCode.INTERNAL, "The server ended the stream early");
    }
    open.onNext(request);
  }

  /** Ends the stream and waits for what the server says of it. */
  public FeedbackSummary end() throws InterruptedException {
    open().onCompleted();
    return joined();
  }

  private ClientCallStreamObserver<FeedbackRequest> open() {
    ClientCallStreamObserver<FeedbackRequest> open = call;
    if (open == null) {
      throw new IllegalStateException("gRPC did not open the call");
    }
    return open;
  }

  private FeedbackSummary joined() throws InterruptedException {
    try {
      return summary.get();
    } catch (ExecutionException e) {
      throw server.refusal(Status.fromThrowable(e.getCause()));
    }
  }

  @Override
  public void close() {
    if (!summary.isDone() && call != null) {
      call.cancel("The sender ended", null);
    }
  }

  private final class Answer implements ClientResponseObserver<FeedbackRequest, FeedbackSummary> {
    @Override
    public void beforeStart(ClientCallStreamObserver<FeedbackRequest> opened) {
      call = opened;
      opened.setOnReadyHandler(this::wake);
    }

    @Override
    public void onNext(FeedbackSummary answer) {
      summary.complete(answer);
    }

    @Override
    public void onError(Throwable failure) {
      summary.completeExceptionally(failure);
      wake();
    }

    @Override
    public void onCompleted() {
      wake();
    }

    private void wake() {
      synchronized (ready) {
        ready.notifyAll();
      }
    }
  }
}
