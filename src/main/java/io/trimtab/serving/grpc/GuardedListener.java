package io.trimtab.serving.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;

/**
 * Hears what comes of a call: nothing more once {@link InboundCall} has ended it, but that it is
 * cancelled.
 */
final class GuardedListener<Q> extends SimpleForwardingServerCallListener<Q> {
  private final InboundCall inbound;
  private final MethodType type;

  GuardedListener(ServerCall.Listener<Q> listener, InboundCall inbound, MethodType type) {
    super(listener);
    this.inbound = inbound;
    this.type = type;
  }

  @Override
  public void onMessage(Q message) {
    if (inbound.isEnded()) {
      return;
    }
    try {
      super.onMessage(message);
    } finally {
      // The only message of a call is kept until that is sure.
      if (!type.clientSendsOneMessage()) {
        inbound.handedOn();
      }
    }
  }

  @Override
  public void onHalfClose() {
    inbound.halfClosed();
    if (inbound.isEnded()) {
      return;
    }
    try {
      super.onHalfClose();
    } finally {
      if (type.clientSendsOneMessage()) {
        inbound.handedOn();
      }
    }
  }

  @Override
  public void onComplete() {
    if (inbound.isCutOff()) {
      super.onCancel();
    } else {
      super.onComplete();
    }
  }

  @Override
  public void onReady() {
    if (!inbound.isEnded()) {
      super.onReady();
    }
  }
}
