package io.trimtab.cli.doctor;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trimtab.error.PlainText;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.DescribeModelRequest;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.ModelDescription;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Knows a Trimtab by the model that it describes over gRPC.
 *
 * @param channels connects to a server at HOST:PORT
 */
public record GrpcNeighbour(Function<String, ManagedChannel> channels, Duration bound)
    implements Neighbour {
  @Override
  public Optional<String> at(String host, int port) {
    ManagedChannel channel;
    try {
      channel =
          channels.apply(host.contains(":") ? "[%s]:%d".formatted(host, port) : host + ":" + port);
    } catch (TrimtabException e) {
      return Optional.empty();
    }
    try {
      ModelDescription model =
          InferenceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(bound.toNanos(), TimeUnit.NANOSECONDS)
              .describeModel(DescribeModelRequest.getDefaultInstance());
      return Optional.of(
          PlainText.of(
              "a Trimtab that serves %s (%s on %s)"
                  .formatted(model.getName(), model.getPrecision(), model.getDevice())));
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() == Status.Code.UNAUTHENTICATED
          ? Optional.of("a server that asks for an API key (TRIMTAB_API_KEY)")
          : Optional.empty();
    } finally {
      channel.shutdownNow();
    }
  }
}
