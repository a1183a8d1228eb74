package io.trimtab.serving.health;

import io.trimtab.events.ConsumerState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive unless the reader of feedback has ended by a fault, when only a restart helps. */
@Liveness
@ApplicationScoped
public class ConsumerLiveness implements HealthCheck {
  private final AdaptationStatus status;

  ConsumerLiveness(AdaptationStatus status) {
    this.status = status;
  }

  @Override
  public HealthCheckResponse call() {
    Optional<ConsumerState> dead =
        status.consumer().filter(state -> state.activity() == ConsumerState.Activity.DEAD);
    return dead.map(
            state ->
                HealthCheckResponse.named("feedback consumer")
                    .down()
                    .withData("reason", state.reason())
                    .build())
        .orElseGet(() -> HealthCheckResponse.up("feedback consumer"));
  }
}
