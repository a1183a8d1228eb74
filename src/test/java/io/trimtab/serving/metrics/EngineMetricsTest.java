package io.trimtab.serving.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.testing.FakeEngine;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class EngineMetricsTest {
  /** Else a server that judges a candidate while nobody asks would seem too small. */
  @Test
  void theLoadIsThatOfClientsAndTheBackgroundIsToldApart() {
    FakeEngine engine = FakeEngine.answering("Blue");
    engine.busy(5, 7, 3, 6);
    Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    Scrape scrape = Scrape.of(new EngineMetrics(engine, new AdapterRequests(), clock));
    assertThat(scrape.value("vllm:num_requests_running{model_name=\"fake\",}")).isEqualTo(2);
    assertThat(scrape.value("vllm:num_requests_waiting{model_name=\"fake\",}")).isEqualTo(1);
    assertThat(scrape.value("trimtab_engine_background_running")).isEqualTo(3);
    assertThat(scrape.value("trimtab_engine_background_waiting")).isEqualTo(6);
  }
}
