package io.trimtab.serving.tracing;

/** Whether anything is traced. */
public enum TracingSettings {
  OFF,
  /** OpenTelemetry has somewhere to send it. */
  ON
}
