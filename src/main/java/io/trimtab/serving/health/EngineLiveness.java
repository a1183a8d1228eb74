package io.trimtab.serving.health;

import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.InferenceEngine;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive unless the engine has failed for good, when only a restart helps. */
@Liveness
@ApplicationScoped
public class EngineLiveness implements HealthCheck {
  private final InferenceEngine engine;

  EngineLiveness(InferenceEngine engine) {
    this.engine = engine;
  }

  @Override
  public HealthCheckResponse call() {
    return switch (engine.health()) {
      case EngineHealth.Loading _, EngineHealth.Ready _, EngineHealth.Stopping _ ->
          HealthCheckResponse.up("step loop");
      case EngineHealth.Failed failed ->
          HealthCheckResponse.named("step loop").down().withData("reason", failed.reason()).build();
    };
  }
}
