package io.trimtab.serving.health;

import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.InferenceEngine;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready while the engine takes requests. */
@Readiness
@ApplicationScoped
public class EngineReadiness implements HealthCheck {
  private final InferenceEngine engine;

  EngineReadiness(InferenceEngine engine) {
    this.engine = engine;
  }

  @Override
  public HealthCheckResponse call() {
    EngineHealth health = engine.health();
    String state =
        switch (health) {
          case EngineHealth.Loading _ -> "loading";
          case EngineHealth.Ready _ -> "ready";
          case EngineHealth.Stopping _ -> "stopping";
          case EngineHealth.Failed failed -> "failed: " + failed.reason();
        };
    return HealthCheckResponse.named("engine")
        .status(health instanceof EngineHealth.Ready)
        .withData("state", state)
        .build();
  }
}
