package io.trimtab.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What of OpenTelemetry is on, by what an operator writes. */
class TracingConfigTest {
  private static final String DISABLED = "quarkus.otel.sdk.disabled";
  private static final String ENDPOINT = "quarkus.otel.exporter.otlp.traces.endpoint";
  private static final String PROTOCOL = "quarkus.otel.exporter.otlp.traces.protocol";
  private static final String SHARE = "quarkus.otel.traces.sampler.arg";

  @Test
  void nothingIsSentAnywhereByItself() {
    SmallRyeConfig config = config(Map.of(), Map.of());
    assertThat(config.getValue(DISABLED, Boolean.class)).isTrue();
    assertThat(config.getOptionalValue(ENDPOINT, String.class)).isEmpty();
    assertThat(config.getConfigMapping(TrimtabConfig.class).tracing().endpoint()).isEmpty();
    assertThat(config.getValue("quarkus.log.console.json.enabled", Boolean.class)).isFalse();
  }

  @Test
  void anAddressIsAllThatIsNeeded() {
    SmallRyeConfig config =
        config(
            Map.of("trimtab.tracing.endpoint", "http://collector:4317"),
            Map.of("TRIMTAB_TRACING_SHARE", "0.1"));
    assertThat(config.getValue(DISABLED, Boolean.class)).isFalse();
    assertThat(config.getValue(ENDPOINT, String.class)).isEqualTo("http://collector:4317");
    assertThat(config.getValue(PROTOCOL, String.class)).isEqualTo("grpc");
    assertThat(config.getValue(SHARE, String.class)).isEqualTo("0.1");
  }

  @Test
  void theStandardsVariablesDoAsWell() {
    SmallRyeConfig config =
        config(
            Map.of(),
            Map.of(
                "OTEL_EXPORTER_OTLP_ENDPOINT", "http://agent:4318",
                "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
    assertThat(config.getValue(DISABLED, Boolean.class)).isFalse();
    assertThat(config.getValue(ENDPOINT, String.class)).isEqualTo("http://agent:4318");
    assertThat(config.getValue(PROTOCOL, String.class)).isEqualTo("http/protobuf");
    TrimtabConfig.Tracing tracing = config.getConfigMapping(TrimtabConfig.class).tracing();
    assertThat(tracing.endpoint()).hasToString("Optional[http://agent:4318]");
    assertThat(tracing.protocol()).isEqualTo("http/protobuf");
  }

  @Test
  void theStandardsSwitchTurnsItOffAndSoDoesQuarkus() {
    String address = "http://agent:4317";
    assertThat(
            config(
                    Map.of(),
                    Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", address, "OTEL_SDK_DISABLED", "true"))
                .getValue(DISABLED, Boolean.class))
        .isTrue();
    assertThat(
            config(Map.of("trimtab.tracing.endpoint", address, DISABLED, "true"), Map.of())
                .getValue(DISABLED, Boolean.class))
        .isTrue();
  }

  @Test
  void logsAreJsonWhereTheyAreAskedFor() {
    assertThat(
            config(Map.of(), Map.of("TRIMTAB_LOG_JSON", "true"))
                .getValue("quarkus.log.console.json.enabled", Boolean.class))
        .isTrue();
  }

  private static SmallRyeConfig config(Map<String, String> file, Map<String, String> environment) {
    return new SmallRyeConfigBuilder()
        .addDefaultInterceptors()
        .withMapping(TrimtabConfig.class)
        .withSources(
            new PropertiesConfigSource(builtIn(), "the program", 250),
            new PropertiesConfigSource(file, "file", 260),
            new EnvConfigSource(environment, 300))
        .withSources(new TracingConfig())
        .build();
  }

  private static Map<String, String> builtIn() {
    Properties properties = new Properties();
    try (InputStream stream =
        TracingConfigTest.class.getResourceAsStream("/application.properties")) {
      properties.load(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.entrySet().stream()
        .collect(
            Collectors.toMap(each -> each.getKey().toString(), each -> each.getValue().toString()));
  }
}
