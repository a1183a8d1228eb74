package io.trimtab.serving.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheus.PrometheusConfig;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.prometheus.client.CollectorRegistry;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.FakeEngine;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeteredGeneratorTest {
  private static final String MODEL = "{model_name=\"fake\",}";

  private final FakeEngine engine = FakeEngine.silent();
  private final CollectorRegistry collectors = new CollectorRegistry();
  private final AdapterRequests adapters = new AdapterRequests();
  private final MeteredGenerator generator =
      new MeteredGenerator(
          engine,
          new RequestMeters(
              new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, collectors, Clock.SYSTEM),
              "fake"),
          adapters);
  private final List<String> heard = new ArrayList<>();

  @Test
  void namesAndTypesAreVllms() {
    assertThat(scrape().types())
        .containsEntry("vllm:prompt_tokens_total", "counter")
        .containsEntry("vllm:generation_tokens_total", "counter")
        .containsEntry("vllm:prefix_cache_queries_total", "counter")
        .containsEntry("vllm:prefix_cache_hits_total", "counter")
        .containsEntry("vllm:request_success_total", "counter")
        .containsEntry("vllm:time_to_first_token_seconds", "histogram")
        .containsEntry("vllm:time_per_output_token_seconds", "histogram")
        .containsEntry("vllm:e2e_request_latency_seconds", "histogram")
        .containsEntry("vllm:request_queue_time_seconds", "histogram")
        .containsEntry("vllm:request_prefill_time_seconds", "histogram")
        .containsEntry("vllm:request_decode_time_seconds", "histogram");
    assertThat(scrape().labels("finished_reason")).containsOnly("stop", "length", "abort");
  }

  @Test
  void anEndedRequestIsCountedOnceWithItsTokensAndTimes() throws Exception {
    FakeEngine.Taken taken = asked("acme", "");
    taken.listener().started(FakeEngine.SERVED_BY);
    taken.listener().delta("Blue", List.of());
    taken
        .listener()
        .finished(
            new Completion(
                FinishReason.LENGTH,
                "Blue",
                new Completion.Usage(12, 9, 5, 3),
                new Completion.Timings(1_000, 2_000, 3_000, 14_000, 400_000)));
    assertThat(heard).containsExactly("started", "delta", "finished");
    Scrape scrape = scrape();
    assertThat(success(scrape, "length")).isEqualTo(1);
    assertThat(success(scrape, "stop")).isZero();
    assertThat(scrape.value("vllm:prompt_tokens_total" + MODEL)).isEqualTo(12);
    assertThat(scrape.value("vllm:generation_tokens_total" + MODEL)).isEqualTo(5);
    assertThat(scrape.value("vllm:prefix_cache_hits_total" + MODEL)).isEqualTo(3);
    assertThat(scrape.value("vllm:time_to_first_token_seconds_sum" + MODEL))
        .isCloseTo(0.02, within(1e-9));
    assertThat(scrape.value("vllm:time_per_output_token_seconds_sum" + MODEL))
        .isCloseTo(0.1, within(1e-9));
    assertThat(scrape.value("vllm:e2e_request_latency_seconds_sum" + MODEL))
        .isCloseTo(0.42, within(1e-9));
    String bucket = "vllm:e2e_request_latency_seconds_bucket{model_name=\"fake\",le=\"%s\",}";
    assertThat(scrape.value(bucket.formatted("0.3"))).isZero();
    assertThat(scrape.value(bucket.formatted("0.5"))).isEqualTo(1);
    assertThat(scrape.value(bucket.formatted("+Inf"))).isEqualTo(1);
  }

  @Test
  void anAnswerWithoutATokenHasNoTimeToOne() throws Exception {
    FakeEngine.Taken taken = asked("acme", "");
    taken.listener().started(FakeEngine.SERVED_BY);
    taken
        .listener()
        .finished(
            new Completion(
                FinishReason.CANCELLED,
                "",
                new Completion.Usage(12, 9, 0, 0),
                new Completion.Timings(1, 2, 3, 4, 0)));
    assertThat(success(scrape(), "abort")).isEqualTo(1);
    assertThat(scrape().value("vllm:time_to_first_token_seconds_count" + MODEL)).isZero();
    assertThat(scrape().value("vllm:e2e_request_latency_seconds_count" + MODEL)).isEqualTo(1);
  }

  @Test
  void refusalsAndFailuresAreCountedByCodeAndAreNoSuccess() throws Exception {
    asked("acme", "birds")
        .listener()
        .failed(new TrimtabException(ErrorCode.NOT_FOUND, "There is none"));
    engine.script(
        (_, _) -> {
          throw new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "Too many");
        });
    assertThatThrownBy(() -> generator.generate(request("acme", "birds"), new Heard()))
        .hasMessage("Too many");
    Scrape scrape = scrape();
    String failed = "trimtab_requests_failed_total{code=\"%s\",model_name=\"fake\",}";
    assertThat(scrape.value(failed.formatted("not_found"))).isEqualTo(1);
    assertThat(scrape.value(failed.formatted("resource_exhausted"))).isEqualTo(1);
    assertThat(success(scrape, "stop") + success(scrape, "abort")).isZero();
    assertThat(adapters.waiting()).isEmpty();
  }

  @Test
  void adaptersWithRequestsAreNamedAsLongAsTheyHaveSome() throws Exception {
    FakeEngine.Taken first = asked("acme", "birds@3");
    FakeEngine.Taken second = asked("acme", "birds");
    FakeEngine.Taken base = asked("acme", "base");
    assertThat(adapters.waiting()).isEqualTo("acme/birds");
    first.listener().started(new ServedBy("fake", "", "birds", 3, "", 1));
    base.listener().started(FakeEngine.SERVED_BY);
    assertThat(adapters.running()).isEqualTo("acme/birds");
    assertThat(adapters.waiting()).isEqualTo("acme/birds");
    second.listener().failed(new TrimtabException(ErrorCode.CANCELLED, "Gone"));
    assertThat(adapters.waiting()).isEmpty();
    String info =
        "vllm:lora_requests_info{running_lora_adapters=\"acme/birds\",waiting_lora_adapters=\"\","
            + "max_lora=\"8\",}";
    java.time.Clock clock = java.time.Clock.fixed(Instant.ofEpochSecond(7), ZoneOffset.UTC);
    Scrape engines = Scrape.of(new EngineMetrics(engine, adapters, clock));
    assertThat(engines.value(info)).isEqualTo(7);
    assertThat(engines.types())
        .containsEntry("vllm:num_requests_running", "gauge")
        .containsEntry("vllm:num_requests_waiting", "gauge")
        .containsEntry("vllm:lora_requests_info", "gauge");
    first.listener().finished(FakeEngine.completion("Blue"));
    base.listener().finished(FakeEngine.completion("Blue"));
    assertThat(adapters.running()).isEmpty();
  }

  @Test
  void aThousandWaitingTenantsAreNotAllNamed() {
    for (int i = 0; i < 1000; i++) {
      var _ = generator.generate(request("tenant-" + i, "birds"), new Heard());
    }
    assertThat(adapters.waiting().split(",")).hasSize(AdapterRequests.NAMES_MAX);
  }

  private Scrape scrape() {
    return Scrape.of(collectors);
  }

  private static double success(Scrape scrape, String reason) {
    return scrape.value(
        "vllm:request_success_total{finished_reason=\"%s\",model_name=\"fake\",}"
            .formatted(reason));
  }

  private FakeEngine.Taken asked(String tenant, String adapter) throws InterruptedException {
    var _ = generator.generate(request(tenant, adapter), new Heard());
    return engine.next();
  }

  private static GenerationRequest request(String tenant, String adapter) {
    return new GenerationRequest(
        "r", tenant, adapter, List.of(), SamplingParameters.greedy(4), Optional.empty());
  }

  private final class Heard implements GenerationListener {
    @Override
    public void started(ServedBy servedBy) {
      heard.add("started");
    }

    @Override
    public void delta(String text, List<TokenLogprob> logprobs) {
      heard.add("delta");
    }

    @Override
    public void finished(Completion completion) {
      heard.add("finished");
    }

    @Override
    public void failed(TrimtabException reason) {
      heard.add("failed");
    }
  }
}
