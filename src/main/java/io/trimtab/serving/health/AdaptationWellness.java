package io.trimtab.serving.health;

import io.smallrye.health.api.Wellness;
import io.trimtab.adaptation.FailedLoad;
import io.trimtab.events.ConsumerState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;

/**
 * How this process' part in adapting stands: its role, its reader of feedback, and adapters whose
 * newer version can't be loaded. DOWN where feedback meets a fault of ours, or the embedded broker
 * gave up. What mends itself, such as a broker that is away, is said and leaves it UP, and none of
 * it makes a server that can answer unready.
 */
@Wellness
@ApplicationScoped
public class AdaptationWellness implements HealthCheck {
  private final AdaptationStatus status;

  AdaptationWellness(AdaptationStatus status) {
    this.status = status;
  }

  @Override
  public HealthCheckResponse call() {
    HealthCheckResponseBuilder response =
        HealthCheckResponse.named("adaptation").withData("role", status.role());
    Optional<ConsumerState> consumer = status.consumer();
    response.withData("consumer", consumer.map(AdaptationWellness::words).orElse("none here"));
    consumer.ifPresent(
        state -> {
          response.withData("consumer_since", state.since().toString());
          if (!state.reason().isEmpty()) {
            response.withData("consumer_reason", state.reason());
          }
        });
    Optional<String> broker = status.brokerFailure();
    broker.ifPresent(
        reason ->
            response.withData(
                "broker",
                "The embedded broker gave up (%s): restart this server".formatted(reason)));
    List<FailedLoad> failing = status.failingLoads();
    response.withData("adapters_not_loaded", failing.size());
    failing.stream()
        .findFirst()
        .ifPresent(load -> response.withData("last_failed_load", words(load)));
    return response
        .status(broker.isEmpty() && consumer.map(AdaptationWellness::isWell).orElse(true))
        .build();
  }

  private static boolean isWell(ConsumerState state) {
    return switch (state.activity()) {
      case JOINING, CONSUMING, BROKER_AWAY, STORE_FAILING, STOPPED -> true;
      case FAULTY, DEAD -> false;
    };
  }

  private static String words(ConsumerState state) {
    return switch (state.activity()) {
      case JOINING -> "joining";
      case CONSUMING -> "running";
      case BROKER_AWAY -> "waiting for the broker";
      case STORE_FAILING -> "waiting for the store";
      case FAULTY -> "faulty";
      case DEAD -> "dead";
      case STOPPED -> "stopped";
    };
  }

  private static String words(FailedLoad load) {
    return "%s/%s at %s, attempt %d since %s: %s"
        .formatted(
            load.id().tenant(),
            load.id().name(),
            load.latest(),
            load.attempts(),
            load.since(),
            load.reason());
  }
}
