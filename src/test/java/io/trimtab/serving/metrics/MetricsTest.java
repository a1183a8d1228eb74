package io.trimtab.serving.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import inference.GRPCInferenceServiceGrpc;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.serving.FakeEngineProfile;
import io.trimtab.serving.Wire;
import io.trimtab.serving.grpc.TenantInterceptor;
import io.trimtab.testing.FakeEngine;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.InferenceGrpc;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Prometheus reads of a running server. */
@QuarkusTest
@TestProfile(FakeEngineProfile.class)
final class MetricsTest {
  private static final String MODEL = "{model_name=\"fake\",}";
  private static final String SUCCESS =
      "vllm:request_success_total{finished_reason=\"stop\",model_name=\"fake\",}";

  @Inject FakeEngine engine;

  @ConfigProperty(name = "quarkus.grpc.server.test-port")
  int grpcPort;

  @ConfigProperty(name = "quarkus.http.test-port")
  int httpPort;

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
  void allPartsOfTheServerAreToldUnderTheirNames() throws Exception {
    assertThat(scrape().types())
        .containsEntry("vllm:num_requests_running", "gauge")
        .containsEntry("vllm:num_requests_waiting", "gauge")
        .containsEntry("vllm:prompt_tokens_total", "counter")
        .containsEntry("vllm:generation_tokens_total", "counter")
        .containsEntry("vllm:time_to_first_token_seconds", "histogram")
        .containsEntry("vllm:time_per_output_token_seconds", "histogram")
        .containsEntry("vllm:e2e_request_latency_seconds", "histogram")
        .containsEntry("vllm:request_success_total", "counter")
        .containsEntry("vllm:lora_requests_info", "gauge")
        .containsEntry("trimtab_adapters", "gauge")
        .containsEntry("trimtab_adapter_host_bytes", "gauge")
        .containsEntry("trimtab_adapter_loads_total", "counter")
        .containsEntry("trimtab_tuning_jobs", "gauge")
        .containsEntry("trimtab_tuning_held", "gauge")
        .containsEntry("trimtab_gate_verdicts", "gauge")
        .containsEntry("trimtab_drift_revisions", "gauge")
        .containsEntry("trimtab_shadow_answers_total", "counter")
        .containsEntry("trimtab_governor_actions_total", "counter");
  }

  @Test
  void aServedRequestMovesThem() throws Exception {
    Scrape before = scrape();
    ask("acme", "");
    Scrape after = scrape();
    assertThat(after.value(SUCCESS) - before.value(SUCCESS)).isEqualTo(1);
    assertThat(moved(before, after, "vllm:prompt_tokens_total"))
        .isEqualTo(FakeEngine.USAGE.promptTokens());
    assertThat(moved(before, after, "vllm:generation_tokens_total"))
        .isEqualTo(FakeEngine.USAGE.completionTokens());
    assertThat(moved(before, after, "vllm:time_to_first_token_seconds_count")).isEqualTo(1);
    assertThat(moved(before, after, "vllm:time_per_output_token_seconds_count")).isEqualTo(1);
    assertThat(moved(before, after, "vllm:e2e_request_latency_seconds_count")).isEqualTo(1);
  }

  @Test
  void aRequestOfTheOpenInferenceProtocolMovesThemAlike() throws Exception {
    Scrape before = scrape();
    var _ =
        GRPCInferenceServiceGrpc.newBlockingStub(channel)
            .modelInfer(
                ModelInferRequest.newBuilder()
                    .setModelName("base")
                    .addInputs(
                        ModelInferRequest.InferInputTensor.newBuilder()
                            .setName("prompt")
                            .setDatatype("BYTES")
                            .addShape(1)
                            .setContents(
                                InferTensorContents.newBuilder()
                                    .addBytesContents(ByteString.copyFromUtf8("What?"))))
                    .build());
    Scrape after = scrape();
    assertThat(after.value(SUCCESS) - before.value(SUCCESS)).isEqualTo(1);
    assertThat(moved(before, after, "vllm:generation_tokens_total"))
        .isEqualTo(FakeEngine.USAGE.completionTokens());
  }

  @Test
  void aThousandTenantsAreNoThousandSeries() throws Exception {
    engine.script(
        (request, listener) -> {
          listener.started(new ServedBy("fake", "", "birds", 1, "", 1));
          listener.finished(FakeEngine.completion("Blue"));
        });
    ask("tenant-0", "birds");
    long before = scrape().text().lines().count();
    double success = scrape().value(SUCCESS);
    for (int i = 1; i < 1000; i++) {
      ask("tenant-" + i, "birds");
    }
    Scrape after = scrape();
    assertThat(after.value(SUCCESS) - success).isEqualTo(999);
    assertThat(after.text().lines().count()).isLessThan(before + 100);
    assertThat(after.text()).doesNotContain("tenant-500");
  }

  private static double moved(Scrape before, Scrape after, String metric) {
    return after.value(metric + MODEL) - before.value(metric + MODEL);
  }

  private void ask(String tenant, String adapter) {
    Metadata headers = new Metadata();
    headers.put(TenantInterceptor.HEADER, tenant);
    var _ =
        InferenceGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .complete(
                GenerateRequest.newBuilder()
                    .setAdapter(adapter)
                    .addMessages(Wire.user(Wire.text("What color?")))
                    .build());
  }

  private Scrape scrape() throws Exception {
    URI uri = URI.create("http://localhost:%d/metrics".formatted(httpPort));
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(uri).header("Accept", "text/plain").build(),
              BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      return new Scrape(answer.body());
    }
  }
}
