package io.trimtab.app;

import io.trimtab.adapter.AdapterId;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.image.PictureLimits;
import io.trimtab.serving.http.RequestBody;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Refuses to start with settings out of their range; all that is wrong is said at once. */
@ApplicationScoped
class ConfigCheck {
  private static final List<String> PRECISIONS =
      List.of("auto", "fp32", "int8", "int4", "bf16", "fp16");
  private static final List<String> FREQUENCIES = List.of("float32", "bfloat16");
  private static final List<String> ROLES = List.of("all", "serve", "tune");
  private static final List<String> SCHEMES = List.of("http", "https");
  private static final List<String> OTLP_PROTOCOLS = List.of("grpc", "http/protobuf");
  private static final Pattern PINNED =
      Pattern.compile("(%1$s)/(?!base$)(%1$s)".formatted(AdapterId.SYNTAX));
  private static final Pattern DEVICE = Pattern.compile("auto|cpu|cuda:\\d{1,3}");

  private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}");
  private static final Pattern HOST =
      Pattern.compile("\\.?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

  private final TrimtabConfig config;

  ConfigCheck(TrimtabConfig config) {
    this.config = config;
  }

  /** Comes first of all, so that nothing is built on a bad value. */
  void check() {
    List<String> problems = problems(config);
    if (!problems.isEmpty()) {
      throw TrimtabException.invalid(String.join("; ", problems));
    }
  }

  /** One line for each setting out of range; none when all is well. */
  static List<String> problems(TrimtabConfig config) {
    Problems problems = new Problems(new ArrayList<>());
    problems.names(config);
    problems.numbers(config);
    problems.engine(config.engine());
    problems.adapters(config.adapters());
    problems.openai(config.openai());
    problems.tracing(config.tracing());
    problems.adaptation(config);
    return problems.lines();
  }

  private record Problems(List<String> lines) {
    void names(TrimtabConfig config) {
      if (config.model().isBlank()) {
        add("model", "a folder or a bundled model", "nothing");
      }
      if (!PRECISIONS.contains(config.precision())) {
        add("precision", "one of " + String.join(", ", PRECISIONS), config.precision());
      }
      if (!DEVICE.matcher(config.device()).matches()) {
        add("device", "auto, cpu or cuda:N", config.device());
      }
      if (!FREQUENCIES.contains(config.rotaryFrequencies())) {
        add(
            "rotary-frequencies",
            "one of " + String.join(", ", FREQUENCIES),
            config.rotaryFrequencies());
      }
      config
          .onnxruntime()
          .library()
          .filter(library -> !Files.isRegularFile(library))
          .ifPresent(library -> add("onnxruntime.library", "an existing file", library));
    }

    void numbers(TrimtabConfig config) {
      config.threads().ifPresent(threads -> range("threads", threads, 1, 1024));
      range("default-max-tokens", config.defaultMaxTokens(), 1, 1 << 20);
      range("pictures.bytes-max", config.pictures().bytesMax(), 1, 1 << 30);
      range("pictures.pixels-max", config.pictures().pixelsMax(), 1, PictureLimits.PIXELS_LIMIT);
      range("metrics.adapters-max", config.metrics().adaptersMax(), 0, 10_000);
    }

    void engine(TrimtabConfig.Engine engine) {
      TrimtabConfig.PerTenant perTenant = engine.perTenant();
      range("engine.max-batch", engine.maxBatch(), 1, 256);
      engine.maxModelLen().ifPresent(n -> range("engine.max-model-len", n, 2, Integer.MAX_VALUE));
      range("engine.queue-size", engine.queueSize(), 1, 1_000_000);
      range("engine.queue-bytes-max", engine.queueBytesMax(), 0, Long.MAX_VALUE);
      range("engine.prefill-chunk", engine.prefillChunk(), 1, 1 << 16);
      engine
          .imageCacheBytes()
          .ifPresent(n -> range("engine.image-cache-bytes", n, 0, Long.MAX_VALUE));
      engine
          .visionCacheBytes()
          .ifPresent(n -> range("engine.vision-cache-bytes", n, 0, Long.MAX_VALUE));
      pictureMemory(engine);
      range("engine.adapter-cache-bytes", engine.adapterCacheBytes(), 1, Long.MAX_VALUE);
      range("engine.prefix-cache-bytes", engine.prefixCacheBytes(), 0, Long.MAX_VALUE);
      range("engine.picture-cache-bytes", engine.pictureCacheBytes(), 0, Long.MAX_VALUE);
      perTenant
          .maxRunning()
          .ifPresent(n -> range("engine.per-tenant.max-running", n, 1, Integer.MAX_VALUE));
      perTenant
          .maxQueued()
          .ifPresent(n -> range("engine.per-tenant.max-queued", n, 1, Integer.MAX_VALUE));
    }

    /** Both caches hold memory that the JVM bounds by itself: beyond that, pictures would fail. */
    private void pictureMemory(TrimtabConfig.Engine engine) {
      long images = Math.max(0, DirectMemory.imageCacheBytes(engine));
      long features = Math.max(0, DirectMemory.visionCacheBytes(engine));
      long most = DirectMemory.cachesMax();
      if (images > most - features) {
        add(
            "engine.image-cache-bytes",
            "with trimtab.engine.vision-cache-bytes (%d) at most %d, %s"
                .formatted(features, most, DirectMemory.BOUND),
            images);
      }
    }

    void adapters(TrimtabConfig.Adapters adapters) {
      adapters.pinned().stream()
          .flatMap(List::stream)
          .filter(pinned -> !PINNED.matcher(pinned).matches())
          .forEach(pinned -> add("adapters.pinned", "tenant/name", pinned));
      range("adapters.max-lora-rank", adapters.maxLoraRank(), 1, 1024);
      range("adapters.config-bytes-max", adapters.configBytesMax(), 2, 64 << 20);
      range("adapters.weights-bytes-max", adapters.weightsBytesMax(), 8, Long.MAX_VALUE);
      range("adapters.per-tenant-max", adapters.perTenantMax(), 1, 1_000_000);
      range("adapters.revisions-max", adapters.revisionsMax(), 1, 100_000);
      range("adapters.uploads-max", adapters.uploadsMax(), 1, 1024);
      range("adapters.upload-stall-seconds", adapters.uploadStallSeconds(), 1, 86_400);
    }

    void openai(TrimtabConfig.OpenAi openai) {
      openai.servedModelNames().stream()
          .flatMap(List::stream)
          .filter(name -> !MODEL.matcher(name).matches())
          .forEach(name -> add("openai.served-model-name", "names of " + MODEL.pattern(), name));
      openai
          .loraFolder()
          .filter(folder -> !Files.isDirectory(folder))
          .ifPresent(folder -> add("openai.lora-folder", "an existing folder", folder));
      TrimtabConfig.ImageUrls urls = openai.imageUrls();
      if (urls.enabled() && urls.hosts().isEmpty()) {
        add("openai.image-urls.hosts", "at least one host where enabled is true", "none");
      }
      urls.hosts().stream()
          .flatMap(List::stream)
          .filter(host -> !HOST.matcher(host).matches())
          .forEach(host -> add("openai.image-urls.hosts", "host names, .name for all below", host));
      range("openai.image-urls.bytes-max", urls.bytesMax(), 1, 1 << 30);
      range("openai.image-urls.timeout-seconds", urls.timeoutSeconds(), 1, 300);
    }

    void tracing(TrimtabConfig.Tracing tracing) {
      tracing
          .endpoint()
          .filter(
              endpoint ->
                  !SCHEMES.contains(String.valueOf(endpoint.getScheme()))
                      || endpoint.getHost() == null)
          .ifPresent(endpoint -> add("tracing.endpoint", "http or https, and a host", endpoint));
      if (!OTLP_PROTOCOLS.contains(tracing.protocol())) {
        add("tracing.protocol", "one of " + String.join(", ", OTLP_PROTOCOLS), tracing.protocol());
      }
      if (!(tracing.share() >= 0 && tracing.share() <= 1)) {
        add("tracing.share", "0 to 1", tracing.share());
      }
    }

    private void range(String setting, long value, long least, long most) {
      if (value < least || value > most) {
        add(setting, "%d to %d".formatted(least, most), value);
      }
    }

    /** What the settings are made into checks itself. */
    void adaptation(TrimtabConfig config) {
      if (!ROLES.contains(config.role())) {
        add("role", "one of " + String.join(", ", ROLES), config.role());
      }
      if (!DEVICE.matcher(config.tuning().device()).matches()) {
        add("tuning.device", "auto, cpu or cuda:N", config.tuning().device());
      }
      range("tuning.threads", config.tuning().threads(), 0, 1024);
      range("tuning.heap-bytes-max", config.tuning().heapBytesMax(), 64 << 20, Long.MAX_VALUE);
      range("tuning.rehearsal-max", config.tuning().rehearsalMax(), 0, 100_000);
      range("tuning.held-millis-max", config.tuning().heldMillisMax(), 1, 3_600_000);
      if (!(config.tuning().latencyAllowance() >= 1)) {
        add("tuning.latency-allowance", "1 and above", config.tuning().latencyAllowance());
      }
      made("kafka", () -> FeedbackWiring.settings(config.kafka()));
      int pixels = config.pictures().pixelsMax();
      if (config.pictures().bytesMax() > 0 && pixels > 0 && pixels <= PictureLimits.PIXELS_LIMIT) {
        made("feedback", () -> FeedbackWiring.limits(config.feedback(), config.pictures()));
      }
      made("feedback", () -> FeedbackWiring.retention(config.feedback()));
      range("files.bytes-max", config.files().bytesMax(), 1, RequestBody.BYTES_MAX);
      made("files", () -> FeedbackWiring.files(config.files()));
      made("tuning.recipe", () -> TuningWiring.recipe(config.tuning()));
      made("tuning", () -> TuningWiring.lora(config.tuning()));
      rank(config);
      made("tuning", () -> TuningWiring.training(config.tuning()));
      made("tuning", () -> TuningWiring.rehearsal(config.tuning()));
      made("tuning", () -> TuningWiring.triggers(config.tuning()));
      made("gate", () -> TuningWiring.judging(config.gate()));
      made("drift", () -> DriftWiring.watching(config.drift()));
      made("drift", () -> DriftWiring.classes(config.drift()));
      range("drift.probe-seconds", config.drift().probeSeconds(), 0, Integer.MAX_VALUE);
      made("governor", () -> DriftWiring.governing(config.governor()));
    }

    /** What is tuned here must be served here, or every job ends in vain. */
    private void rank(TrimtabConfig config) {
      int most = config.adapters().maxLoraRank();
      int r = config.tuning().r();
      // Out of its own range it is said elsewhere.
      if (!config.role().equals("serve") && most >= 1 && r > most && r <= 1024) {
        add("tuning.r", "at most trimtab.adapters.max-lora-rank, which is " + most, r);
      }
    }

    private void made(String part, Supplier<?> settings) {
      try {
        var _ = settings.get();
      } catch (TrimtabException | IllegalArgumentException e) {
        String words = String.valueOf(e.getMessage());
        // Most name their setting themselves.
        lines.add(words.startsWith("trimtab.") ? words : "trimtab.%s: %s".formatted(part, words));
      }
    }

    private void add(String setting, String expected, Object actual) {
      lines.add("trimtab.%s: expected %s, got %s".formatted(setting, expected, actual));
    }
  }
}
