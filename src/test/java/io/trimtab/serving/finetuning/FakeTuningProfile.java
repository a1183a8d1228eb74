package io.trimtab.serving.finetuning;

import io.quarkus.test.junit.QuarkusTestProfile;
import io.trimtab.serving.ServingLimits;
import io.trimtab.testing.FakeEngine;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Set;

/** The server with its broker and its jobs; engine, trainer and gate play scripts. */
public final class FakeTuningProfile implements QuarkusTestProfile {
  @Override
  public Map<String, String> getConfigOverrides() {
    return Map.of(
        "trimtab.data", "target/fake-tuning",
        "trimtab.tuning.rehearsal-max", "0",
        "trimtab.kafka.append-seconds", "60",
        "quarkus.grpc.server.use-separate-server", "true",
        "quarkus.grpc.server.test-port", "0",
        "quarkus.http.test-port", "0");
  }

  @Override
  public Set<Class<?>> getEnabledAlternatives() {
    return Set.of(Producer.class);
  }

  /** Gives the server what the application gives it otherwise. */
  @Alternative
  @Singleton
  public static class Producer {
    private final FakeTuning tuning = new FakeTuning();

    @Produces
    @Singleton
    FakeEngine engine() {
      return FakeEngine.answering("Blue");
    }

    @Produces
    @Singleton
    ServingLimits limits() {
      return ServingLimits.DEFAULT;
    }

    @Produces
    @Singleton
    FakeTuning tuning() {
      return tuning;
    }
  }
}
