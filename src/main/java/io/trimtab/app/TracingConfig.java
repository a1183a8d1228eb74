package io.trimtab.app;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Turns OpenTelemetry on where there is an address to send to, which nobody should have to say
 * twice, and reads the variables that OpenTelemetry has for it. Above what is built in and below
 * all that people write for Trimtab or Quarkus.
 */
public final class TracingConfig implements ConfigSourceFactory {
  private static final String ENDPOINT = "trimtab.tracing.endpoint";
  private static final String PROTOCOL = "trimtab.tracing.protocol";
  private static final String DISABLED = "quarkus.otel.sdk.disabled";

  private static final String STANDARD_ENDPOINT = "otel.exporter.otlp.endpoint";
  private static final String STANDARD_PROTOCOL = "otel.exporter.otlp.protocol";
  private static final String STANDARD_DISABLED = "otel.sdk.disabled";

  private static final int RANK = 255;

  /** For the service loader. */
  public TracingConfig() {}

  @Override
  public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
    Optional<String> standard = value(context, STANDARD_ENDPOINT);
    boolean addressed = standard.isPresent() || value(context, ENDPOINT).isPresent();
    boolean off = value(context, STANDARD_DISABLED).filter("true"::equalsIgnoreCase).isPresent();
    if (!addressed || off) {
      return List.of();
    }
    Map<String, String> settings = new HashMap<>(Map.of(DISABLED, "false"));
    standard.ifPresent(address -> settings.put(ENDPOINT, address));
    value(context, STANDARD_PROTOCOL).ifPresent(protocol -> settings.put(PROTOCOL, protocol));
    return List.of(new PropertiesConfigSource(settings, "OpenTelemetry's variables", RANK));
  }

  private static Optional<String> value(ConfigSourceContext context, String name) {
    ConfigValue value = context.getValue(name);
    return value == null
        ? Optional.empty()
        : Optional.ofNullable(value.getValue()).filter(text -> !text.isBlank());
  }
}
