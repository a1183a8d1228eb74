package io.trimtab.app;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.SmallRyeConfig;
import io.trimtab.cli.doctor.Check;
import io.trimtab.cli.doctor.CoresCheck;
import io.trimtab.cli.doctor.DataFolderCheck;
import io.trimtab.cli.doctor.GpuCheck;
import io.trimtab.cli.doctor.GpuCheck.CudaPart;
import io.trimtab.cli.doctor.Gpus;
import io.trimtab.cli.doctor.GrpcNeighbour;
import io.trimtab.cli.doctor.HttpNeighbour;
import io.trimtab.cli.doctor.JavaCheck;
import io.trimtab.cli.doctor.MemoryCheck;
import io.trimtab.cli.doctor.MemoryCheck.Memory;
import io.trimtab.cli.doctor.ModelCheck;
import io.trimtab.cli.doctor.Neighbour;
import io.trimtab.cli.doctor.PortCheck;
import io.trimtab.cli.doctor.ProbesCheck;
import io.trimtab.cli.doctor.WeightFiles;
import io.trimtab.cli.up.ServerOptions;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.BundledModel;
import io.trimtab.model.DataFolder;
import io.trimtab.serving.grpc.ServerChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code trimtab doctor} looks at for a server with given options. A setting that can't be
 * read is a finding, and the others are looked at with its default.
 */
final class ServerChecks {
  private static final Duration NEIGHBOUR_BOUND = Duration.ofSeconds(2);
  private static final Duration BROKER_BOUND = Duration.ofSeconds(8);

  /** In the program where it was built with {@code -Pcuda}. */
  private static final String CUDA_RESOURCE =
      "ai/onnxruntime/native/linux-x64/libonnxruntime_providers_cuda.so";

  private static final String GRPC = "quarkus.grpc.server";
  private static final String HTTP = "quarkus.http";

  private static final String CLUSTER = "trimtab.kafka.bootstrap-servers";

  private static final String CUDA_FILE = "libonnxruntime_providers_cuda.so";

  private final CommandConfig config;
  private final SmallRyeConfig values;

  /** All of Trimtab's own; empty where one of them is not of its type. */
  private final Optional<TrimtabConfig> mapped;

  private ServerChecks(CommandConfig config) {
    this.config = config;
    this.values = config.values();
    this.mapped = mapped(config);
  }

  /** Those of this machine. */
  static List<Check> of(ServerOptions options) {
    return of(CommandConfig.of(options.properties()));
  }

  static List<Check> of(CommandConfig config) {
    return new ServerChecks(config).all();
  }

  private List<Check> all() {
    String model = value("trimtab.model", String.class, BundledModel.DEFAULT);
    long weights = BundledModel.exists(model) ? 0 : WeightFiles.bytes(Path.of(model));
    Path data = value("trimtab.data", Path.class, DataFolder.standard());
    List<Check> checks = new ArrayList<>();
    checks.add(JavaCheck.here());
    checks.add(CoresCheck.here());
    long caches = mapped.map(settings -> cachesBytes(settings.engine())).orElse(0L);
    checks.add(new MemoryCheck(Memory.here(), weights, caches));
    checks.add(new DataFolderCheck(data, weights));
    checks.add(gpu());
    checks.add(
        port("gRPC", GRPC, "--grpc-port", new GrpcNeighbour(ServerChannel::open, NEIGHBOUR_BOUND)));
    checks.add(port("HTTP", HTTP, "--http-port", new HttpNeighbour(NEIGHBOUR_BOUND)));
    mapped.ifPresent(
        settings ->
            checks.add(new SecurityCheck(settings.security(), List.of(host(GRPC), host(HTTP)))));
    int kafkaPort = value("trimtab.kafka.port", Integer.class, 0);
    if (kafkaPort != 0 && values.getOptionalValue(CLUSTER, String.class).isEmpty()) {
      checks.add(
          new PortCheck(
              "Kafka", "127.0.0.1", kafkaPort, "--kafka-port", (_, _) -> Optional.empty()));
    }
    broker().ifPresent(checks::add);
    checks.add(new ModelCheck(model));
    mapped.ifPresent(
        settings ->
            checks.add(new ProbesCheck(settings.probes(), model, settings.gate().probesMin())));
    checks.add(new SettingsCheck(config));
    return List.copyOf(checks);
  }

  /** Left out where its settings are none: their own check says so. */
  private Optional<Check> broker() {
    try {
      return mapped.map(
          settings -> new BrokerCheck(FeedbackWiring.settings(settings.kafka()), BROKER_BOUND));
    } catch (TrimtabException e) {
      return Optional.empty();
    }
  }

  private static Optional<TrimtabConfig> mapped(CommandConfig config) {
    try {
      return Optional.of(config.mapped());
    } catch (ConfigValidationException e) {
      return Optional.empty();
    }
  }

  private static long cachesBytes(TrimtabConfig.Engine engine) {
    return DirectMemory.imageCacheBytes(engine)
        + DirectMemory.visionCacheBytes(engine)
        + engine.pictureCacheBytes()
        + engine.adapterCacheBytes()
        + engine.prefixCacheBytes();
  }

  private Check port(String use, String prefix, String option, Neighbour neighbour) {
    return new PortCheck(
        use, host(prefix), value(prefix + ".port", Integer.class, 0), option, neighbour);
  }

  private String host(String prefix) {
    return value(prefix + ".host", String.class, "127.0.0.1");
  }

  private Check gpu() {
    return new GpuCheck(
        value("trimtab.device", String.class, "auto"), Gpus.here(), cuda(), GpuCheck::loads);
  }

  private CudaPart cuda() {
    Path library = value("trimtab.onnxruntime.library", Path.class, Path.of(""));
    if (!library.toString().isEmpty()) {
      Path beside = library.toAbsolutePath().resolveSibling(CUDA_FILE);
      return Files.isRegularFile(beside) ? new CudaPart.Beside(beside) : new CudaPart.None();
    }
    return ServerChecks.class.getClassLoader().getResource(CUDA_RESOURCE) == null
        ? new CudaPart.None()
        : new CudaPart.BuiltIn();
  }

  private <T> T value(String name, Class<T> type, T otherwise) {
    try {
      return values.getOptionalValue(name, type).orElse(otherwise);
    } catch (IllegalArgumentException e) {
      return otherwise;
    }
  }
}
