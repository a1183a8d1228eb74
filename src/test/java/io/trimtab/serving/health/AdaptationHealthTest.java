package io.trimtab.serving.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.adaptation.FailedLoad;
import io.trimtab.adapter.AdapterId;
import io.trimtab.events.ConsumerState;
import io.trimtab.events.ConsumerState.Activity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdaptationHealthTest {
  private static final Instant SINCE = Instant.parse("2026-01-02T03:04:05Z");

  @ParameterizedTest
  @CsvSource({
    "JOINING, joining, UP, UP",
    "CONSUMING, running, UP, UP",
    "BROKER_AWAY, waiting for the broker, UP, UP",
    "STORE_FAILING, waiting for the store, UP, UP",
    "STOPPED, stopped, UP, UP",
    "FAULTY, faulty, DOWN, UP",
    "DEAD, dead, DOWN, DOWN",
  })
  void onlyAFaultOfOursIsDownAndOnlyADeadReaderIsNotAlive(
      Activity activity, String words, Status well, Status alive) {
    AdaptationStatus status =
        status(
            "tune",
            Optional.of(new ConsumerState(activity, SINCE, "why")),
            Optional.empty(),
            List.of());
    HealthCheckResponse wellness = new AdaptationWellness(status).call();
    assertThat(wellness.getStatus()).isEqualTo(well);
    assertThat(wellness.getData().orElseThrow())
        .containsEntry("role", "tune")
        .containsEntry("consumer", words)
        .containsEntry("consumer_since", "2026-01-02T03:04:05Z")
        .containsEntry("consumer_reason", "why");
    assertThat(new ConsumerLiveness(status).call().getStatus()).isEqualTo(alive);
  }

  @Test
  void aReplicaThatOnlyServesSaysWhatItCannotLoad() {
    FailedLoad load =
        new FailedLoad(
            new AdapterId("t", "birds"), SINCE, SINCE.plusSeconds(60), 7, "The disk is away");
    HealthCheckResponse wellness =
        new AdaptationWellness(status("serve", Optional.empty(), Optional.empty(), List.of(load)))
            .call();
    assertThat(wellness.getStatus()).isEqualTo(Status.UP);
    Map<String, Object> data = wellness.getData().orElseThrow();
    assertThat(data)
        .containsEntry("consumer", "none here")
        .containsEntry("adapters_not_loaded", 1L)
        .doesNotContainKey("broker");
    assertThat(data.get("last_failed_load"))
        .asString()
        .contains("t/birds", "attempt 7 since 2026-01-02T03:04:05Z", "The disk is away");
  }

  /** To the reader it is away, as any broker may be for a while; this one does not come back. */
  @Test
  void aBrokerThatGaveUpIsNotWellUntilTheServerIsRestarted() {
    AdaptationStatus status =
        status(
            "all",
            Optional.of(new ConsumerState(Activity.BROKER_AWAY, SINCE, "")),
            Optional.of("the disk is full"),
            List.of());

    HealthCheckResponse wellness = new AdaptationWellness(status).call();

    assertThat(wellness.getStatus()).isEqualTo(Status.DOWN);
    assertThat(wellness.getData().orElseThrow())
        .containsEntry(
            "broker", "The embedded broker gave up (the disk is full): restart this server");
    // A start finds the same disk: nothing may restart it in a circle.
    assertThat(new ConsumerLiveness(status).call().getStatus()).isEqualTo(Status.UP);
  }

  private static AdaptationStatus status(
      String role,
      Optional<ConsumerState> consumer,
      Optional<String> brokerFailure,
      List<FailedLoad> failing) {
    return new AdaptationStatus() {
      @Override
      public String role() {
        return role;
      }

      @Override
      public Optional<ConsumerState> consumer() {
        return consumer;
      }

      @Override
      public Optional<String> brokerFailure() {
        return brokerFailure;
      }

      @Override
      public List<FailedLoad> failingLoads() {
        return failing;
      }
    };
  }
}
