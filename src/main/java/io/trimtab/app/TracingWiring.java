package io.trimtab.app;

import io.trimtab.serving.tracing.TracingSettings;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Whether anything is traced. */
@Singleton
class TracingWiring {
  @Produces
  @Singleton
  TracingSettings settings(TrimtabConfig config) {
    return config.tracing().endpoint().isPresent() ? TracingSettings.ON : TracingSettings.OFF;
  }
}
