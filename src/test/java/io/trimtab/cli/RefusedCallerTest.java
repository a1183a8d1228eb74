package io.trimtab.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.trimtab.cli.local.OpenedGenerator;
import io.trimtab.cli.terminal.ExitCodes;
import io.trimtab.serving.grpc.ServerChannel;
import io.trimtab.serving.inference.RemoteGenerator;
import io.trimtab.v1.AdaptersGrpc;
import io.trimtab.v1.InferenceGrpc;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Commands at a server that asks for an API key, and what it is told of the tenant. */
final class RefusedCallerTest {
  private final PrintedCommand trimtab = PrintedCommand.of(RefusedCallerTest::line);
  private final List<String> tenants = Collections.synchronizedList(new ArrayList<>());
  private Server server;

  @BeforeEach
  void start() throws IOException {
    server =
        ServerBuilder.forPort(0)
            .addService(new InferenceGrpc.InferenceImplBase() {})
            .addService(new AdaptersGrpc.AdaptersImplBase() {})
            .intercept(new Refusing())
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"adapters list", "adapters watch", "ask Why?"})
  void theRefusalIsOneLineThatNamesTheVariable(String command) {
    assertThat(run(command.split(" "))).isEqualTo(ExitCodes.FAILED);
    assertThat(trimtab.errorsSoFar())
        .isEqualTo(
            "trimtab: localhost:%d refuses the call: no such key (the API key is read from TRIMTAB_API_KEY)%n"
                .formatted(server.getPort()));
  }

  @Test
  void aTenantIsSaidOnlyWhereTheCommandLineDoes() {
    run("adapters", "list");
    run("ask", "Why?");
    run("adapters", "list", "--tenant", "acme");
    run("ask", "--tenant", "acme", "Why?");
    assertThat(tenants).containsExactly("null", "null", "acme", "acme");
  }

  private int run(String... command) {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of("--server", "localhost:" + server.getPort()));
    return trimtab.run(words.toArray(String[]::new));
  }

  private static CommandLine line() {
    return TrimtabCommand.commandLine(
        _ -> 0,
        address -> {
          RemoteGenerator generator = RemoteGenerator.connect(address);
          return new OpenedGenerator(generator, generator::close);
        },
        ServerChannel::open);
  }

  private final class Refusing implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      tenants.add(
          String.valueOf(
              headers.get(Metadata.Key.of("x-tenant", Metadata.ASCII_STRING_MARSHALLER))));
      call.close(Status.UNAUTHENTICATED.withDescription("no such key"), new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }
}
