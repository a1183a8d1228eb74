package io.trimtab.serving.console;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.UploadRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One upload to a service, sent piece by piece by as many HTTP calls: a folder of gigabytes needs
 * no body of gigabytes. A piece is taken when the service wants it, so one at a time is in memory.
 * The service ends an upload that stalls. Any thread; the monitor guards the call.
 */
final class UploadSession implements ClientResponseObserver<Message, Message> {
  private static final Duration READY_MAX = Duration.ofSeconds(30);
  private static final Duration ANSWER_MAX = Duration.ofMinutes(2);

  private final String tenant;
  private final CompletableFuture<Message> answer = new CompletableFuture<>();
  private @Nullable ClientCallStreamObserver<Message> call;

  private UploadSession(String tenant) {
    this.tenant = tenant;
  }

  static UploadSession begin(
      String tenant, Channel channel, JsonMethod method, UploadRequest header) {
    UploadSession session = new UploadSession(tenant);
    var _ =
        ClientCalls.asyncClientStreamingCall(
            channel.newCall(method.descriptor(), CallOptions.DEFAULT), session);
    session.send(header);
    return session;
  }

  String tenant() {
    return tenant;
  }

  /** Whether the service has spoken. */
  boolean over() {
    return answer.isDone();
  }

  /**
   * Sends one piece, when the service is ready for it.
   *
   * @throws TrimtabException how the service ended the upload, or DEADLINE_EXCEEDED
   */
  synchronized void send(UploadRequest piece) {
    long end = System.nanoTime() + READY_MAX.toNanos();
    while (!call().isReady()) {
      if (answer.isDone()) {
        var _ = answer();
        throw new TrimtabException(
            ErrorCode.FAILED_PRECONDITION, "The upload has been answered already");
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new TrimtabException(
            ErrorCode.DEADLINE_EXCEEDED,
            "The service took no piece for %d s".formatted(READY_MAX.toSeconds()));
      }
      await(left);
    }
    call().onNext(piece);
  }

  /** Ends the pieces, and waits for what the service makes of them. */
  Message end() {
    synchronized (this) {
      if (!answer.isDone()) {
        call().onCompleted();
      }
    }
    return answer();
  }

  synchronized void cancel() {
    if (!answer.isDone()) {
      call().cancel("The upload was given up", null);
    }
  }

  @Override
  public synchronized void beforeStart(ClientCallStreamObserver<Message> begun) {
    call = begun;
    begun.setOnReadyHandler(this::changed);
  }

  @Override
  public void onNext(Message message) {
    answer.complete(message);
    changed();
  }

  @Override
  public void onError(Throwable failure) {
    answer.completeExceptionally(failure);
    changed();
  }

  @Override
  public void onCompleted() {
    answer.completeExceptionally(new IllegalStateException("The upload ended without an answer"));
  }

  private synchronized void changed() {
    notifyAll();
  }

  private void await(long nanos) {
    try {
      TimeUnit.NANOSECONDS.timedWait(this, nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted();
    }
  }

  private Message answer() {
    try {
      return answer.get(ANSWER_MAX.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof StatusRuntimeException refusal
          ? Refusals.of(refusal)
          : new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new TrimtabException(
          ErrorCode.DEADLINE_EXCEEDED,
          "The upload was not answered within %d s".formatted(ANSWER_MAX.toSeconds()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted();
    }
  }

  private ClientCallStreamObserver<Message> call() {
    ClientCallStreamObserver<Message> begun = call;
    if (begun == null) {
      throw new IllegalStateException("A piece is sent before the call began");
    }
    return begun;
  }

  private static TrimtabException interrupted() {
    return new TrimtabException(ErrorCode.CANCELLED, "The upload was interrupted");
  }
}
