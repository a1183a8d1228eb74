package io.trimtab.serving.tracing;

import io.quarkus.test.junit.QuarkusTestProfile;
import io.trimtab.serving.FakeEngineProfile;
import io.trimtab.serving.ServingLimits;
import io.trimtab.testing.FakeEngine;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The server with a scripted engine that is watched by programs: traces, and logs as JSON. */
public final class TracingProfile implements QuarkusTestProfile {
  @Override
  public Map<String, String> getConfigOverrides() {
    Map<String, String> settings = new HashMap<>(new FakeEngineProfile().getConfigOverrides());
    settings.put("trimtab.log.json", "true");
    return settings;
  }

  @Override
  public List<TestResourceEntry> testResources() {
    return List.of(new TestResourceEntry(SpanReceiver.class));
  }

  @Override
  public Set<Class<?>> getEnabledAlternatives() {
    return Set.of(Producer.class);
  }

  /** Gives the edge what the application gives it otherwise; beans of another profile are none. */
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
