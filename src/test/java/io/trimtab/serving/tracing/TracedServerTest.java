package io.trimtab.serving.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import inference.GRPCInferenceServiceGrpc;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import io.quarkus.bootstrap.logging.InitialConfigurator;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.FakeEngine;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.GenerateResponse;
import io.trimtab.v1.InferenceGrpc;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Formatter;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.handlers.ConsoleHandler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that is told where to send spans sends them, from whichever door. */
@QuarkusTest
@TestProfile(TracingProfile.class)
final class TracedServerTest {
  private static final String CALLER = "00f067aa0ba902b7";

  @Inject FakeEngine engine;

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int grpcPort;

  @ConfigProperty(name = "quarkus.http.test-port")
  int httpPort;

  @Nullable SpanReceiver injected;

  private final String trace =
      HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE))
          + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  private ManagedChannel channel;

  @BeforeEach
  void connect() {
    channel = ManagedChannelBuilder.forAddress("localhost", grpcPort).usePlaintext().build();
    engine.script(FakeEngine.answering("Blue")::generate);
  }

  @AfterEach
  void disconnect() throws InterruptedException {
    channel.shutdownNow();
    // The engine is that of the next test, too.
    while (!engine.requests().isEmpty()) {
      var _ = engine.next();
    }
  }

  @Test
  void aCallOverGrpcIsASpanBelowItsCallers() throws Exception {
    GenerateResponse answer = InferenceGrpc.newBlockingStub(traced()).complete(question());
    Span span = receiver().next(named("chat fake"));
    requireBelowTheCallers(span);
    assertThat(told(span))
        .containsEntry("gen_ai.operation.name", "chat")
        .containsEntry("gen_ai.response.id", answer.getPredictionId())
        .containsEntry("gen_ai.response.model", "fake")
        .containsEntry("trimtab.tenant", "acme");
    assertThat(receiver().service()).isEqualTo("trimtab");
  }

  @Test
  void aCallOfTheOpenInferenceProtocolIsOneToo() throws Exception {
    var _ =
        GRPCInferenceServiceGrpc.newBlockingStub(traced())
            .modelInfer(
                ModelInferRequest.newBuilder()
                    .setModelName("base")
                    .setId("r-7")
                    .addInputs(
                        ModelInferRequest.InferInputTensor.newBuilder()
                            .setName("prompt")
                            .setDatatype("BYTES")
                            .addShape(1)
                            .setContents(
                                InferTensorContents.newBuilder()
                                    .addBytesContents(ByteString.copyFromUtf8("What?"))))
                    .build());
    Span span = receiver().next(named("chat fake"));
    requireBelowTheCallers(span);
    assertThat(told(span)).containsEntry("gen_ai.request.id", "r-7");
  }

  @Test
  void aChatOverHttpIsOneTooWithItsPhasesBelow() throws Exception {
    HttpResponse<String> answer =
        post(
            "/v1/chat/completions",
            """
            {"model": "fake", "temperature": 0.7,
             "messages": [{"role": "user", "content": "What color?"}]}
            """);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    Span phase = receiver().next(named("prefill"));
    Span span = receiver().next(named("chat fake"));
    requireBelowTheCallers(span);
    assertThat(phase.getParentSpanId()).isEqualTo(span.getSpanId());
    assertThat(phase.getTraceId()).isEqualTo(span.getTraceId());
    assertThat(told(span))
        .containsEntry(
            "gen_ai.response.id", new ObjectMapper().readTree(answer.body()).get("id").asText())
        .containsEntry("gen_ai.request.temperature", "0.7")
        .containsEntry("trimtab.tenant", "acme");
  }

  @Test
  void aCompletionOverHttpIsOneToo() throws Exception {
    HttpResponse<String> answer =
        post("/v1/completions", "{\"model\": \"fake\", \"prompt\": \"The wing is\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    requireBelowTheCallers(receiver().next(named("text_completion fake")));
  }

  @Test
  void aFailureSaysWhatKindItIs() throws Exception {
    engine.script(
        (_, _) -> {
          throw new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "256 requests wait already");
        });
    assertThatThrownBy(() -> InferenceGrpc.newBlockingStub(traced()).complete(question()))
        .isInstanceOf(StatusRuntimeException.class);
    Span span = receiver().next(named("chat fake"));
    requireBelowTheCallers(span);
    assertThat(span.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
    assertThat(told(span)).containsEntry("error.type", "resource_exhausted");
  }

  @Test
  void aReceiverThatIsAwayHarmsNothingAndIsToldAgainWhenItIsBack() throws Exception {
    receiver().away();
    for (int i = 0; i < 20; i++) {
      assertThat(InferenceGrpc.newBlockingStub(traced()).complete(question()).getText())
          .isEqualTo("Blue");
    }
    receiver().back();
    var _ = InferenceGrpc.newBlockingStub(traced()).complete(question());
    requireBelowTheCallers(receiver().next(named("chat fake")));
  }

  /** The log is for programs here: what is one line for people is one object for them. */
  @Test
  void aLineOfTheLogIsJsonWithItsTrace() throws Exception {
    Formatter formatter =
        Arrays.stream(InitialConfigurator.DELAYED_HANDLER.getHandlers())
            .filter(ConsoleHandler.class::isInstance)
            .findFirst()
            .orElseThrow()
            .getFormatter();
    ExtLogRecord written =
        new ExtLogRecord(Level.ERROR, "Request r failed", TracedServerTest.class.getName());
    written.setLoggerName("io.trimtab.engine.scheduling.StepLoop");
    written.putMdc("traceId", trace);
    written.setThrown(new IllegalStateException("why\nand how"));
    String line = formatter.format(written);
    assertThat(line.strip().lines()).hasSize(1);
    JsonNode json = new ObjectMapper().readTree(line);
    assertThat(json.get("message").asText()).isEqualTo("Request r failed");
    assertThat(json.get("level").asText()).isEqualTo("ERROR");
    assertThat(json.get("loggerName").asText()).isEqualTo("io.trimtab.engine.scheduling.StepLoop");
    assertThat(json.get("timestamp").asText()).startsWith("2");
    assertThat(json.get("mdc").get("traceId").asText()).isEqualTo(trace);
    assertThat(json.get("stackTrace").asText()).contains("why\nand how");
  }

  private SpanReceiver receiver() {
    return Objects.requireNonNull(injected);
  }

  private void requireBelowTheCallers(Span span) {
    assertThat(hex(span.getTraceId())).isEqualTo(trace);
    assertThat(hex(span.getParentSpanId())).isEqualTo(CALLER);
    assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
  }

  private java.util.function.Predicate<Span> named(String name) {
    return span -> span.getName().equals(name) && hex(span.getTraceId()).equals(trace);
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static Map<String, String> told(Span span) {
    return span.getAttributesList().stream()
        .collect(Collectors.toMap(KeyValue::getKey, TracedServerTest::text));
  }

  private static String text(KeyValue attribute) {
    return switch (attribute.getValue().getValueCase()) {
      case STRING_VALUE -> attribute.getValue().getStringValue();
      case DOUBLE_VALUE -> Double.toString(attribute.getValue().getDoubleValue());
      default -> attribute.getValue().toString();
    };
  }

  private Channel traced() {
    Metadata headers = new Metadata();
    headers.put(header("traceparent"), parent());
    headers.put(header("x-tenant"), "acme");
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Metadata.Key<String> header(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private String parent() {
    return "00-%s-%s-01".formatted(trace, CALLER);
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://localhost:%d%s".formatted(httpPort, path)))
              .header("content-type", "application/json")
              .header("traceparent", parent())
              .header("x-tenant", "acme")
              .POST(BodyPublishers.ofString(body))
              .build(),
          BodyHandlers.ofString());
    }
  }

  private static GenerateRequest question() {
    return GenerateRequest.newBuilder()
        .addMessages(
            Message.newBuilder().setRole("user").addParts(Part.newBuilder().setText("What color?")))
        .build();
  }
}
