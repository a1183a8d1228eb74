package io.trimtab.cli.up;

import io.trimtab.error.TrimtabException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says about the server. Null means that it says nothing, and the
 * environment, a configuration file or the built-in default decides.
 *
 * @param model folder of a checkpoint, or the name of a bundled model
 * @param precision auto, fp32, int8, int4, bf16 or fp16
 * @param device auto, cpu or cuda:N
 * @param host address that both ports are bound to
 * @param grpcPort 0 to 65535; 0 takes any free port
 * @param httpPort likewise
 * @param kafkaPort of the embedded broker; likewise
 * @param data folder of everything that the server keeps
 */
public record ServerOptions(
    @Nullable String model,
    @Nullable String precision,
    @Nullable String device,
    @Nullable String host,
    @Nullable Integer grpcPort,
    @Nullable Integer httpPort,
    @Nullable Integer kafkaPort,
    @Nullable Path data) {
  public ServerOptions {
    checkPort("--grpc-port", grpcPort);
    checkPort("--http-port", httpPort);
    checkPort("--kafka-port", kafkaPort);
  }

  /** The options that were given, by the names of their configuration properties. */
  public Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    put(properties, "trimtab.model", model);
    put(properties, "trimtab.precision", precision);
    put(properties, "trimtab.device", device);
    put(properties, "quarkus.grpc.server.host", host);
    put(properties, "quarkus.http.host", host);
    put(properties, "quarkus.grpc.server.port", grpcPort);
    put(properties, "quarkus.http.port", httpPort);
    put(properties, "trimtab.kafka.port", kafkaPort);
    put(properties, "trimtab.data", data == null ? null : data.toAbsolutePath().normalize());
    return properties;
  }

  private static void put(Map<String, String> properties, String name, @Nullable Object value) {
    if (value != null) {
      properties.put(name, value.toString());
    }
  }

  private static void checkPort(String option, @Nullable Integer port) {
    if (port != null && (port < 0 || port > 65_535)) {
      throw TrimtabException.invalid(
          "Expected a port from 0 to 65535 for %s, got %d".formatted(option, port));
    }
  }
}
