package io.trimtab.serving.tracing;

import io.opentelemetry.api.OpenTelemetry;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Gives the server its tracing. */
@Singleton
class TracingSource {
  @Produces
  @Singleton
  Tracing tracing(TracingSettings settings, Instance<OpenTelemetry> telemetry) {
    return switch (settings) {
      case OFF -> Tracing.off();
      case ON -> Tracing.to(telemetry::get);
    };
  }
}
