package io.trimtab.serving.metrics;

import io.trimtab.engine.api.EngineStatistics;
import io.trimtab.engine.api.InferenceEngine;
import java.time.Clock;
import java.util.List;

/**
 * What the engine does now. Requests in the background have gauges of their own: they wait for idle
 * slots, and say nothing of the load.
 */
final class EngineMetrics implements MetricSource {
  private static final List<String> MODEL = List.of("model_name");

  private final InferenceEngine engine;
  private final AdapterRequests adapters;
  private final Clock clock;

  EngineMetrics(InferenceEngine engine, AdapterRequests adapters, Clock clock) {
    this.engine = engine;
    this.adapters = adapters;
    this.clock = clock;
  }

  @Override
  public void collect(Families into) {
    String model = engine.model().name();
    EngineStatistics now = engine.statistics();
    into.gauge("vllm:num_requests_running", "Clients' requests that hold a slot", MODEL)
        .add(now.running() - now.runningInBackground(), model);
    into.gauge("vllm:num_requests_waiting", "Clients' requests that wait for a slot", MODEL)
        .add(now.waiting() - now.waitingInBackground(), model);
    into.gauge(
        "trimtab_engine_background_running",
        "Requests in the background (gate, probes, drift watch, rehearsal) that hold a slot",
        now.runningInBackground());
    into.gauge(
        "trimtab_engine_background_waiting",
        "Requests in the background that wait for a slot that no client's waits for",
        now.waitingInBackground());
    into.gauge(
            "vllm:lora_requests_info",
            "Adapters with requests, as tenant/name, at most %d of a kind; the value is the time"
                .formatted(AdapterRequests.NAMES_MAX),
            List.of("running_lora_adapters", "waiting_lora_adapters", "max_lora"))
        .add(
            clock.millis() / 1e3,
            adapters.running(),
            adapters.waiting(),
            Integer.toString(engine.model().maxBatch()));
    into.counter("trimtab_engine_decode_steps_total", "Decode steps run", now.decodeSteps());
    into.counter(
        "trimtab_engine_decoded_tokens_total", "Tokens generated in them", now.decodedTokens());
    into.counter(
        "trimtab_engine_decode_seconds_total",
        "In decode steps, planning to hand-out",
        now.decodeNanos() / 1e9);
    into.counter(
        "trimtab_engine_prefilled_tokens_total", "Prompt tokens run", now.prefilledTokens());
    into.counter(
        "trimtab_engine_reused_tokens_total",
        "Prompt tokens whose keys and values came from an earlier prompt",
        now.reusedTokens());
    into.counter(
        "trimtab_engine_prefill_seconds_total", "In prefill runs", now.prefillNanos() / 1e9);
  }
}
