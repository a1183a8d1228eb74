package io.trimtab.load;

import inference.GRPCInferenceServiceGrpc;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingV2Stub;
import inference.ModelInferRequest;
import inference.ModelInferResponse;
import inference.ModelStreamInferResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.MetadataUtils;
import io.trimtab.v1.AdaptersGrpc;
import io.trimtab.v1.GenerateEvent;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.InferenceGrpc;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** The server's gRPC, as a client of any tenant calls it. */
final class GrpcCalls implements AutoCloseable {
  private static final Metadata.Key<String> TENANT =
      Metadata.Key.of("x-tenant", Metadata.ASCII_STRING_MARSHALLER);
  private static final long PATIENCE_SECONDS = 120;

  private final ManagedChannel channel;

  /**
   * @param address {@code host:port}
   */
  GrpcCalls(String address) {
    this.channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
  }

  /** What the server says when asked for the whole answer. */
  String complete(Target target) {
    return as(target.tenant(), InferenceGrpc.newBlockingStub(channel))
        .complete(GrpcMessages.generate(target))
        .getText();
  }

  Reply generate(Target target, Runnable firstToken) {
    return generate(target.tenant(), GrpcMessages.generate(target), firstToken);
  }

  Reply generate(String tenant, GenerateRequest request, Runnable firstToken) {
    try {
      Iterator<GenerateEvent> events =
          as(tenant, InferenceGrpc.newBlockingStub(channel)).generate(request);
      StringBuilder text = new StringBuilder();
      while (events.hasNext()) {
        GenerateEvent event = events.next();
        if (event.hasDelta() && text.isEmpty() && !event.getDelta().getText().isEmpty()) {
          firstToken.run();
        }
        text.append(event.getDelta().getText());
        if (event.hasFinished() && !event.getFinished().getText().contentEquals(text)) {
          return Reply.ok("pieces '%s' of '%s'".formatted(text, event.getFinished().getText()));
        }
      }
      return Reply.ok(text.toString());
    } catch (StatusRuntimeException e) {
      return Reply.of(e);
    }
  }

  Reply infer(Target target, Runnable firstToken) {
    return infer(target.tenant(), GrpcMessages.infer(target), firstToken);
  }

  Reply infer(String tenant, ModelInferRequest request, Runnable firstToken) {
    GRPCInferenceServiceBlockingV2Stub stub =
        as(tenant, GRPCInferenceServiceGrpc.newBlockingV2Stub(channel));
    BlockingClientCall<ModelInferRequest, ModelStreamInferResponse> call = stub.modelStreamInfer();
    try {
      call.write(request);
      call.halfClose();
      return read(call, firstToken);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Reply.of(e);
    } catch (StatusException e) {
      return Reply.of(e.getStatus());
    } finally {
      call.cancel("read", null);
    }
  }

  private static Reply read(
      BlockingClientCall<ModelInferRequest, ModelStreamInferResponse> call, Runnable firstToken)
      throws InterruptedException, StatusException {
    StringBuilder text = new StringBuilder();
    for (ModelStreamInferResponse next = call.read(); next != null; next = call.read()) {
      ModelInferResponse response = next.getInferResponse();
      if (!next.getErrorMessage().isEmpty()) {
        return new Reply(GrpcMessages.status(response), next.getErrorMessage());
      }
      String piece = GrpcMessages.text(response);
      if (text.isEmpty() && !piece.isEmpty()) {
        firstToken.run();
      }
      text.append(piece);
      if (GrpcMessages.isFinal(response)) {
        return Reply.ok(text.toString());
      }
    }
    return new Reply("NO_FINAL_RESPONSE", text.toString());
  }

  /** The calls that change adapters, as one tenant. */
  AdaptersGrpc.AdaptersBlockingStub adapters(String tenant) {
    return as(tenant, AdaptersGrpc.newBlockingStub(channel));
  }

  AdaptersGrpc.AdaptersBlockingV2Stub uploads(String tenant) {
    return as(tenant, AdaptersGrpc.newBlockingV2Stub(channel));
  }

  private static <S extends AbstractStub<S>> S as(String tenant, S stub) {
    Metadata headers = new Metadata();
    headers.put(TENANT, tenant);
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
