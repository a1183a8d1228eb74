package io.trimtab.app;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * All settings of Trimtab, under {@code trimtab.}, those of Kafka, feedback, training files,
 * tuning, gate, drift and governor in {@link AdaptationConfig}; {@link ConfigCheck} refuses a start
 * with values out of range. Sources in order: command line, the JVM's properties, {@code TRIMTAB_*}
 * variables, {@code .env} and {@code config/application.properties} of the folder that it is
 * started in, the defaults here. Sizes take plain numbers, in the unit that the name ends in.
 */
@ConfigMapping(prefix = "trimtab")
public interface TrimtabConfig {
  /** Folder of a checkpoint, or the name of a bundled model. Default {@code dinghy-llava}. */
  @WithDefault("dinghy-llava")
  String model();

  /**
   * What the language model's weights are computed in: {@code auto}, {@code fp32}, {@code int8},
   * {@code int4}, {@code bf16}, {@code fp16}. Default {@code auto}: on a CPU fp32 up to 100 million
   * parameters and int8 above, on CUDA bf16.
   */
  @WithDefault("auto")
  String precision();

  /** Where it runs: {@code auto}, {@code cpu} or {@code cuda:N}. Default {@code auto}. */
  @WithDefault("auto")
  String device();

  /**
   * Folder of everything that is kept: unpacked models, graphs, adapters. Default: {@code trimtab}
   * in the user's data folder.
   */
  Optional<Path> data();

  /**
   * Threads of one ONNX Runtime run, 1 to 1024. Default: as many as the machine has cores; a single
   * one for the language model of a checkpoint below 20 million parameters.
   */
  OptionalInt threads();

  /** Tokens of an answer when a request sets no limit, 1 to 1048576. Default 256. */
  @WithDefault("256")
  int defaultMaxTokens();

  /**
   * In what numbers the rotary embedding's frequencies are kept: {@code float32} as transformers
   * loads them, or {@code bfloat16} for a checkpoint that was trained or judged after its whole
   * model had been cast. Default {@code float32}.
   */
  @WithDefault("float32")
  String rotaryFrequencies();

  /** What this process does: {@code all}, {@code serve} or {@code tune}. Default {@code all}. */
  @WithDefault("all")
  String role();

  /**
   * Folder of probes, without which no tuned revision is published by itself. Default: none, but
   * the bundled models bring theirs.
   */
  Optional<Path> probes();

  AdaptationConfig.Kafka kafka();

  AdaptationConfig.FeedbackSettings feedback();

  AdaptationConfig.TrainingData files();

  AdaptationConfig.Tuning tuning();

  AdaptationConfig.Gate gate();

  AdaptationConfig.Drift drift();

  AdaptationConfig.Governor governor();

  /** The native library. */
  OnnxRuntime onnxruntime();

  /** The step loop and its bounds. */
  Engine engine();

  /** Bounds of what a client may send as a picture. */
  Pictures pictures();

  /** Tenants' adapters and their uploads. */
  Adapters adapters();

  /** What Prometheus is told. */
  Metrics metrics();

  /** What OpenTelemetry is told. */
  Tracing tracing();

  /** How the server's log is written. */
  Log log();

  /** Whose calls are served. */
  Security security();

  /** HTTP as OpenAI's clients speak it. */
  @WithName("openai")
  OpenAi openai();

  /** HTTP as OpenAI's clients speak it. Names in brackets are vLLM's. */
  interface OpenAi {
    /**
     * Further names of the base model, separated by commas [served_model_name]; its folder's name
     * and {@code base} always name it. A name has 1 to 128 letters, digits, {@code .}, {@code _},
     * {@code :}, {@code /} and {@code -}, a letter or digit first. Default: none.
     */
    @WithName("served-model-name")
    Optional<List<String>> servedModelNames();

    /**
     * Folder below which {@code /v1/load_lora_adapter} may load adapters, whoever's, by path.
     * Default: none, and adapters are uploaded over gRPC alone.
     */
    Optional<Path> loraFolder();

    /** Pictures that requests name by http or https URL. */
    ImageUrls imageUrls();
  }

  /** Pictures that requests name by http or https URL, which the server fetches itself. */
  interface ImageUrls {
    /** Whether any are fetched; {@code hosts} says from where. Default false. */
    @WithDefault("false")
    boolean enabled();

    /**
     * Hosts that are asked, separated by commas, in lower case, at least one where {@code enabled}
     * is true; {@code .example.org} is every host below that name. Never addresses of this machine
     * or of private networks. Default: none.
     */
    Optional<List<String>> hosts();

    /**
     * Size of a picture in bytes, 1 to 1073741824; trimtab.pictures.bytes-max bounds it as well.
     * Default 20 MiB.
     */
    @WithName("bytes-max")
    @WithDefault("20971520")
    int bytesMax();

    /** Longest wait for a picture in seconds, 1 to 300. Default 5. */
    @WithDefault("5")
    int timeoutSeconds();
  }

  /** Whose calls are served. Without keys, only on addresses that this machine alone can reach. */
  interface Security {
    /**
     * File of API keys: a line {@code tenant=key} for each. Calls bring theirs as {@code
     * authorization: Bearer KEY}, and are the tenant's of the key. Read again when it changes.
     * Default: none, and the tenant is the one that the header {@code x-tenant} names.
     */
    Optional<Path> apiKeys();

    /** Serve without keys on addresses that others can reach, too. Default false. */
    @WithDefault("false")
    boolean open();
  }

  /** What Prometheus is told. */
  interface Metrics {
    /**
     * Adapters that have labels of their own, those that drift first; the rest are told as one. 0
     * to 10000. Default 100.
     */
    @WithDefault("100")
    int adaptersMax();
  }

  /** What OpenTelemetry is told. {@link TracingConfig} makes Quarkus' settings of these. */
  interface Tracing {
    /**
     * Where spans are sent: {@code http} or {@code https} address of an OTLP receiver, without the
     * path that its protocol adds. Default: what {@code OTEL_EXPORTER_OTLP_ENDPOINT} names, else
     * none, and nothing is traced.
     */
    Optional<URI> endpoint();

    /**
     * How they are sent: {@code grpc} or {@code http/protobuf}. Default: what {@code
     * OTEL_EXPORTER_OTLP_PROTOCOL} says, else {@code grpc}.
     */
    @WithDefault("grpc")
    String protocol();

    /**
     * Of requests that come without a trace of their own, and of jobs, the share that is traced, 0
     * to 1; a request that comes with one is traced where its caller traces it. Default 1.
     */
    @WithDefault("1")
    double share();
  }

  /** How the server's log is written. */
  interface Log {
    /**
     * One JSON object a line instead of text, for logs that are read by programs. Default false.
     */
    @WithDefault("false")
    boolean json();
  }

  /** Which ONNX Runtime is loaded. */
  interface OnnxRuntime {
    /** Path of libonnxruntime.so. Default: the one inside the program. */
    Optional<Path> library();
  }

  /** The step loop and its bounds. Names in brackets are vLLM's. */
  interface Engine {
    /** Requests that run at once [max_num_seqs], 1 to 256. Default 8. */
    @WithDefault("8")
    int maxBatch();

    /**
     * Longest sequence in tokens, prompt and answer together [max_model_len], from 2. Default, and
     * upper limit: what the checkpoint allows.
     */
    OptionalInt maxModelLen();

    /**
     * Requests that wait; one more is refused (RESOURCE_EXHAUSTED). What the server asks itself in
     * the background (for the gate, for probes, for the drift watch) is not among them: as much of
     * that may wait besides. 1 to 1000000. Default 256.
     */
    @WithDefault("256")
    int queueSize();

    /**
     * Memory that the pictures of waiting requests may hold, in bytes, from 0: encoded, and once
     * read their embeddings. A request beyond it is refused (RESOURCE_EXHAUSTED); one alone never
     * is. Requests in the background may hold half as much besides. Default 0: a quarter of the
     * heap's maximum.
     */
    @WithDefault("0")
    long queueBytesMax();

    /**
     * Prompt tokens that are run between two decode steps, over all requests, 1 to 65536. A longer
     * prompt is taken in pieces, so that it does not stall the tokens of others. Default 512.
     */
    @WithDefault("512")
    int prefillChunk();

    /**
     * Memory for image embeddings that may be used again, in bytes, from 0. Together with
     * vision-cache-bytes at most half of the JVM's -XX:MaxDirectMemorySize, which is the heap's
     * maximum where it is not set. Default 256 MiB, or a third of that size where it is less.
     */
    OptionalLong imageCacheBytes();

    /**
     * Memory for features of the vision tower, in bytes, from 0: what a picture needs to pass
     * another projector. Default 128 MiB, or a sixth of -XX:MaxDirectMemorySize where that is less.
     */
    OptionalLong visionCacheBytes();

    /**
     * Host memory for adapters, in bytes, from 1: the least recently used give way to others, and
     * the largest must fit. Default 1 GiB.
     */
    @WithDefault("1073741824")
    long adapterCacheBytes();

    /**
     * Memory for keys and values of prompt prefixes that may be used again, in bytes, on the
     * model's device, from 0. Default 256 MiB.
     */
    @WithDefault("268435456")
    long prefixCacheBytes();

    /**
     * Memory for encoded pictures that may be named again by their digest, in bytes, from 0.
     * Default 64 MiB.
     */
    @WithDefault("67108864")
    long pictureCacheBytes();

    /** What one tenant may take. */
    PerTenant perTenant();
  }

  /** Limits of one tenant; without them, only turns are shared out evenly. */
  interface PerTenant {
    /** Requests of one tenant that run at once, from 1. Default: no limit but the batch. */
    OptionalInt maxRunning();

    /**
     * Requests of one tenant that wait, from 1; as many may wait in the background besides.
     * Default: no limit but the queue.
     */
    OptionalInt maxQueued();
  }

  /** Bounds of a picture; what is beyond them is refused before it is decoded. */
  interface Pictures {
    /**
     * Encoded size in bytes, 1 to 1073741824. A request has at most 64 MiB, so that more is for
     * pictures alone that are fetched, see trimtab.openai.image-urls. Default 20 MiB.
     */
    @WithName("bytes-max")
    @WithDefault("20971520")
    int bytesMax();

    /** Width times height, 1 to 715827874. Default 33554432 (32 Mi): 96 MiB once decoded. */
    @WithName("pixels-max")
    @WithDefault("33554432")
    int pixelsMax();
  }

  /** Bounds of adapters. Names in brackets are vLLM's. */
  interface Adapters {
    /** Largest rank of a module [max_lora_rank], 1 to 1024. Default 256. */
    @WithDefault("256")
    int maxLoraRank();

    /** Size of adapter_config.json in bytes, 2 to 67108864. Default 1 MiB. */
    @WithDefault("1048576")
    long configBytesMax();

    /** Size of adapter_model.safetensors in bytes, from 8. Default 2 GiB. */
    @WithDefault("2147483648")
    long weightsBytesMax();

    /**
     * Adapters whose served revision is loaded at the start and stays in host memory: {@code
     * tenant/name}, separated by commas. A revision that follows another is loaded before that one
     * goes, so {@code engine.adapter-cache-bytes} needs room for both. Default: none.
     */
    Optional<List<String>> pinned();

    /** Adapters that one tenant has at a time, 1 to 1000000. Default 1000. */
    @WithDefault("1000")
    int perTenantMax();

    /** Revisions that one adapter keeps at a time, 1 to 100000. Default 256. */
    @WithDefault("256")
    int revisionsMax();

    /**
     * Uploads and validations at a time; one more is refused (RESOURCE_EXHAUSTED). 1 to 1024.
     * Default 8.
     */
    @WithDefault("8")
    int uploadsMax();

    /**
     * Longest wait in seconds for the next message of an upload, after which it is ended
     * (DEADLINE_EXCEEDED), and for a client to take more of what it downloads or watches
     * (RESOURCE_EXHAUSTED). 1 to 86400. Default 30.
     */
    @WithDefault("30")
    int uploadStallSeconds();
  }
}
