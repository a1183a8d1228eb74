package io.trimtab.serving.inference;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.grpc.ClientKey;
import io.trimtab.serving.grpc.StatusMapping;
import io.trimtab.v1.GenerateEvent;
import io.trimtab.v1.GenerateRequest;
import org.jspecify.annotations.Nullable;

/**
 * One call to a server, told to a listener. gRPC calls it one thread at a time; {@link #cancel} may
 * come from any.
 */
final class RemoteCall
    implements ClientResponseObserver<GenerateRequest, GenerateEvent>, RequestHandle {
  private final String server;
  private final GenerationListener listener;
  private volatile @Nullable ClientCallStreamObserver<GenerateRequest> call;
  private boolean ended;

  RemoteCall(String server, GenerationListener listener) {
    this.server = server;
    this.listener = listener;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<GenerateRequest> started) {
    call = started;
  }

  @Override
  public void cancel() {
    ClientCallStreamObserver<GenerateRequest> started = call;
    if (started != null) {
      started.cancel("Cancelled by the caller", null);
    }
  }

  @Override
  public void onNext(GenerateEvent event) {
    switch (event.getEventCase()) {
      case STARTED -> listener.started(AnswerReader.servedBy(event.getStarted().getServedBy()));
      case DELTA ->
          listener.delta(
              event.getDelta().getText(),
              AnswerReader.logprobs(event.getDelta().getLogprobsList()));
      case FINISHED -> {
        ended = true;
        listener.finished(AnswerReader.completion(event.getFinished()));
      }
      case EVENT_NOT_SET -> {
        // An event of a later version of the protocol: nothing for us.
      }
    }
  }

  @Override
  public void onError(Throwable failure) {
    if (!ended) {
      ended = true;
      listener.failed(refusal(Status.fromThrowable(failure)));
    }
  }

  @Override
  public void onCompleted() {
    if (!ended) {
      ended = true;
      listener.failed(
          new TrimtabException(
              ErrorCode.INTERNAL, "%s ended the answer without finishing it".formatted(server)));
    }
  }

  private TrimtabException refusal(Status status) {
    // A cause means that the transport failed; a server's own refusal arrives without one.
    if (status.getCode() == Status.Code.UNAVAILABLE && status.getCause() != null) {
      return new TrimtabException(
          ErrorCode.UNAVAILABLE,
          "No server answers at %s: start one with 'trimtab up' or ask without --server"
              .formatted(server),
          status.getCause());
    }
    if (status.getCode() == Status.Code.UNAUTHENTICATED) {
      return ClientKey.refused(server, status);
    }
    return StatusMapping.toRefusal(status);
  }
}
