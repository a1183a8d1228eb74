package io.trimtab.serving.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.AdaptersGrpc;
import io.trimtab.v1.DescribeModelRequest;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.ListAdaptersRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server is told of who calls, over a real socket. */
final class ClientKeyTest {
  private final List<String> credentials = Collections.synchronizedList(new ArrayList<>());
  private Server server;

  @BeforeEach
  void start() throws IOException {
    server =
        ServerBuilder.forPort(0)
            .addService(new InferenceGrpc.InferenceImplBase() {})
            .addService(new AdaptersGrpc.AdaptersImplBase() {})
            .intercept(new Listening())
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  void everyCallCarriesTheKeyOfTheEnvironment() {
    call(Map.of(ClientKey.VARIABLE, " tt-123.~+/= \n"));
    assertThat(credentials).containsExactly("Bearer tt-123.~+/=", "Bearer tt-123.~+/=");
  }

  @Test
  void withoutAKeyNothingIsSent() {
    call(Map.of());
    call(Map.of(ClientKey.VARIABLE, "  "));
    assertThat(credentials).hasSize(4).allMatch("null"::equals);
  }

  @ParameterizedTest
  @ValueSource(strings = {"two words", "line\nbreak", "schlüssel", "tab\tstop"})
  void aKeyThatNoHeaderCarriesIsRefusedAndNotRepeated(String key) {
    assertThatThrownBy(() -> ServerChannel.open(address(), Map.of(ClientKey.VARIABLE, key)))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining(ClientKey.VARIABLE)
        .hasMessageNotContaining(key);
    assertThat(credentials).isEmpty();
  }

  @Test
  void aRefusalSaysWhereTheKeyIsReadFrom() {
    assertThat(ClientKey.refused("host:9000", Status.UNAUTHENTICATED))
        .hasMessage(
            "host:9000 refuses the call: it wants an API key (the API key is read from"
                + " TRIMTAB_API_KEY)");
    assertThat(
            ClientKey.refused("host:9000", Status.UNAUTHENTICATED.withDescription("unknown key")))
        .hasMessageContaining("refuses the call: unknown key");
  }

  private void call(Map<String, String> environment) {
    ManagedChannel channel = ServerChannel.open(address(), environment);
    try {
      assertThatThrownBy(
              () ->
                  InferenceGrpc.newBlockingStub(channel)
                      .describeModel(DescribeModelRequest.getDefaultInstance()))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("UNIMPLEMENTED");
      assertThatThrownBy(
              () ->
                  AdaptersGrpc.newBlockingStub(channel)
                      .list(ListAdaptersRequest.getDefaultInstance()))
          .hasMessageContaining("UNIMPLEMENTED");
    } finally {
      channel.shutdownNow();
    }
  }

  private String address() {
    return "localhost:" + server.getPort();
  }

  private final class Listening implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      credentials.add(
          String.valueOf(
              headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER))));
      return next.startCall(call, headers);
    }
  }
}
