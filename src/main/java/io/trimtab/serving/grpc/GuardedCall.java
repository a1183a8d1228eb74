package io.trimtab.serving.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/** What is answered to a call that {@link InboundCall} may end: nothing, once it has. */
final class GuardedCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
  private final InboundCall inbound;

  GuardedCall(ServerCall<Q, R> call, InboundCall inbound) {
    super(call);
    this.inbound = inbound;
  }

  // Needs no lock, and on the event loop hands on messages that have come.
  @Override
  public void request(int messages) {
    if (!inbound.isEnded()) {
      super.request(messages);
    }
  }

  @Override
  public void sendHeaders(Metadata headers) {
    inbound.unlessEnded(() -> super.sendHeaders(headers));
  }

  @Override
  public void sendMessage(R message) {
    inbound.unlessEnded(() -> super.sendMessage(message));
  }

  @Override
  public void close(Status status, Metadata trailers) {
    inbound.answer(() -> super.close(status, trailers));
  }

  @Override
  public boolean isReady() {
    return !inbound.isEnded() && super.isReady();
  }

  @Override
  public boolean isCancelled() {
    return inbound.isCutOff() || super.isCancelled();
  }
}
