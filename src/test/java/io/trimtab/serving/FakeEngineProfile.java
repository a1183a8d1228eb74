package io.trimtab.serving;

import io.quarkus.test.junit.QuarkusTestProfile;
import io.trimtab.testing.FakeEngine;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;

/** The server with an engine that plays scripts in the place of the real one. */
public final class FakeEngineProfile implements QuarkusTestProfile {
  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of(
        "trimtab.data", "target/fake-engine",
        "trimtab.kafka.append-seconds", "60",
        "trimtab.openai.lora-folder", "target",
        "quarkus.grpc.server.use-separate-server", "true",
        "quarkus.grpc.server.enable-reflection-service", "true",
        "quarkus.grpc.server.test-port", "0",
        "quarkus.http.test-port", "0",
        "quarkus.smallrye-health.root-path", "/health",
        "quarkus.micrometer.export.prometheus.path", "/metrics",
        "quarkus.devservices.enabled", "false");
  }

  @Override
  public Set<Class<?>> getEnabledAlternatives() {
    return Set.of(Producer.class);
  }

  /** Gives the edge what the application gives it otherwise. */
  @Alternative
  @Singleton
  public static class Producer {
    @Produces
    @Singleton
    FakeEngine engine() {
      return FakeEngine.silent();
    }

    @Produces
    @Singleton
    ServingLimits limits() {
      return ServingLimits.DEFAULT;
    }
  }
}
