package io.trimtab.serving.metrics;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.trimtab.engine.api.Generator;

/** Meters that nobody scrapes, for what is under test and wants a generator that has some. */
public final class Metering {
  private Metering() {}

  public static MeteredGenerator of(Generator generator) {
    return new MeteredGenerator(
        generator, new RequestMeters(new SimpleMeterRegistry(), "fake"), new AdapterRequests());
  }
}
