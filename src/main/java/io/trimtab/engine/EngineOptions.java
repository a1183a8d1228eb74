package io.trimtab.engine;

import io.trimtab.adapter.AdapterLimits;
import io.trimtab.engine.api.TokenSet;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.image.PictureLimits;
import java.util.List;
import java.util.OptionalInt;

/**
 * Bounds and sizes of one engine. Names of settings are vLLM's where it has them.
 *
 * @param maxBatch most sequences in one decode step (vLLM's {@code max_num_seqs}), 1 to 256
 * @param maxSequenceTokens longest prompt and answer together ({@code max_model_len}); empty is
 *     what the model was made for
 * @param prefillChunkTokens most prompt tokens run between two decode steps
 * @param runningPerTenantMax most sequences of one tenant that hold a slot
 * @param queueMax most interactive requests that wait, those being prepared included; as many may
 *     wait in the background besides
 * @param queuePerTenantMax the same for one tenant
 * @param defaultMaxTokens tokens generated when a request names no number
 * @param caches how much is kept to be used again
 * @param pictures what a picture may be at most
 * @param threads intra-op threads of ONNX Runtime; 0 for one a core, and a single one for the
 *     language model of a small checkpoint
 * @param adapters what an adapter may be at most
 * @param tokenSets whose probabilities are computed with the logits
 * @param queueBytesMax bytes that the pictures of waiting interactive requests may hold; those in
 *     the background may hold half as much besides; 0 for a quarter of the heap's maximum
 */
public record EngineOptions(
    int maxBatch,
    OptionalInt maxSequenceTokens,
    int prefillChunkTokens,
    int runningPerTenantMax,
    int queueMax,
    int queuePerTenantMax,
    int defaultMaxTokens,
    Caches caches,
    PictureLimits pictures,
    int threads,
    AdapterLimits adapters,
    List<TokenSet> tokenSets,
    long queueBytesMax) {
  /**
   * Bytes that are kept to be used again; 0 keeps nothing.
   *
   * @param imageBytes image embeddings, by picture and projector
   * @param visionBytes features of the vision tower, by picture
   * @param pictureBytes encoded pictures, to be named by digest
   * @param adapterBytes deltas in host memory; the largest adapter must fit
   * @param prefixBytes keys and values of prompt prefixes
   */
  public record Caches(
      long imageBytes, long visionBytes, long pictureBytes, long adapterBytes, long prefixBytes) {
    public Caches {
      require(imageBytes >= 0, "engine.image-cache-bytes", "0 and above", imageBytes);
      require(visionBytes >= 0, "engine.vision-cache-bytes", "0 and above", visionBytes);
      require(pictureBytes >= 0, "engine.picture-cache-bytes", "0 and above", pictureBytes);
      require(adapterBytes >= 1, "engine.adapter-cache-bytes", "1 and above", adapterBytes);
      require(prefixBytes >= 0, "engine.prefix-cache-bytes", "0 and above", prefixBytes);
    }

    public static Caches defaults() {
      return new Caches(256L << 20, 128L << 20, 64L << 20, 1L << 30, 256L << 20);
    }

    /** These with another limit of deltas in host memory, for tests and benchmarks. */
    public Caches withAdapterBytes(long value) {
      return new Caches(imageBytes, visionBytes, pictureBytes, value, prefixBytes);
    }

    /** These with another limit of kept prefixes, for tests and benchmarks. */
    public Caches withPrefixBytes(long value) {
      return new Caches(imageBytes, visionBytes, pictureBytes, adapterBytes, value);
    }
  }

  public EngineOptions {
    tokenSets = List.copyOf(tokenSets);
    require(maxBatch >= 1 && maxBatch <= 256, "engine.max-batch", "1 to 256", maxBatch);
    require(
        maxSequenceTokens.isEmpty() || maxSequenceTokens.getAsInt() >= 2,
        "engine.max-model-len",
        "2 and above",
        maxSequenceTokens.orElse(0));
    require(prefillChunkTokens >= 1, "engine.prefill-chunk", "1 and above", prefillChunkTokens);
    require(
        runningPerTenantMax >= 1,
        "engine.per-tenant.max-running",
        "1 and above",
        runningPerTenantMax);
    require(queueMax >= 1, "engine.queue-size", "1 and above", queueMax);
    require(
        queuePerTenantMax >= 1, "engine.per-tenant.max-queued", "1 and above", queuePerTenantMax);
    require(defaultMaxTokens >= 1, "default-max-tokens", "1 and above", defaultMaxTokens);
    require(threads >= 0, "threads", "0 and above", threads);
    require(queueBytesMax >= 0, "engine.queue-bytes-max", "0 and above", queueBytesMax);
  }

  public static EngineOptions defaults() {
    return builder().build();
  }

  /** The defaults, to be changed. */
  public static Builder builder() {
    return new Builder();
  }

  /** These options, to be changed. */
  public Builder toBuilder() {
    return builder()
        .maxBatch(maxBatch)
        .maxSequenceTokens(maxSequenceTokens)
        .prefillChunkTokens(prefillChunkTokens)
        .runningPerTenantMax(runningPerTenantMax)
        .queueMax(queueMax)
        .queuePerTenantMax(queuePerTenantMax)
        .defaultMaxTokens(defaultMaxTokens)
        .caches(caches)
        .pictures(pictures)
        .threads(threads)
        .adapters(adapters)
        .tokenSets(tokenSets)
        .queueBytesMax(queueBytesMax);
  }

  /** These options with another batch. */
  public EngineOptions withMaxBatch(int value) {
    return toBuilder().maxBatch(value).build();
  }

  /** These options with another number of threads. */
  public EngineOptions withThreads(int value) {
    return toBuilder().threads(value).build();
  }

  /** These options with other caches. */
  public EngineOptions withCaches(Caches value) {
    return toBuilder().caches(value).build();
  }

  /** These options with other token sets. */
  public EngineOptions withTokenSets(List<TokenSet> value) {
    return toBuilder().tokenSets(value).build();
  }

  /** Bytes that waiting interactive requests may hold: what is set, or what it stands for. */
  long waitingBytesMax() {
    return queueBytesMax == 0 ? Runtime.getRuntime().maxMemory() / 4 : queueBytesMax;
  }

  private static void require(boolean holds, String field, String expected, Object value) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.%s is %s, expected %s".formatted(field, value, expected));
    }
  }

  /** Options in the making. Each method is named as what it sets. One thread. */
  public static final class Builder {
    private int maxBatch = 8;
    private OptionalInt maxSequenceTokens = OptionalInt.empty();
    private int prefillChunkTokens = 512;
    private int runningPerTenantMax = Integer.MAX_VALUE;
    private int queueMax = 256;
    private int queuePerTenantMax = Integer.MAX_VALUE;
    private int defaultMaxTokens = 256;
    private Caches caches = Caches.defaults();
    private PictureLimits pictures = PictureLimits.defaults();
    private int threads;
    private AdapterLimits adapters = AdapterLimits.defaults();
    private List<TokenSet> tokenSets = List.of();
    private long queueBytesMax;

    private Builder() {}

    public Builder maxBatch(int value) {
      maxBatch = value;
      return this;
    }

    public Builder maxSequenceTokens(OptionalInt value) {
      maxSequenceTokens = value;
      return this;
    }

    public Builder prefillChunkTokens(int value) {
      prefillChunkTokens = value;
      return this;
    }

    public Builder runningPerTenantMax(int value) {
      runningPerTenantMax = value;
      return this;
    }

    public Builder queueMax(int value) {
      queueMax = value;
      return this;
    }

    public Builder queuePerTenantMax(int value) {
      queuePerTenantMax = value;
      return this;
    }

    public Builder defaultMaxTokens(int value) {
      defaultMaxTokens = value;
      return this;
    }

    public Builder caches(Caches value) {
      caches = value;
      return this;
    }

    public Builder pictures(PictureLimits value) {
      pictures = value;
      return this;
    }

    public Builder threads(int value) {
      threads = value;
      return this;
    }

    public Builder adapters(AdapterLimits value) {
      adapters = value;
      return this;
    }

    public Builder tokenSets(List<TokenSet> value) {
      tokenSets = value;
      return this;
    }

    public Builder queueBytesMax(long value) {
      queueBytesMax = value;
      return this;
    }

    /**
     * @throws TrimtabException INVALID_ARGUMENT for what is out of its range, by its setting's name
     */
    public EngineOptions build() {
      return new EngineOptions(
          maxBatch,
          maxSequenceTokens,
          prefillChunkTokens,
          runningPerTenantMax,
          queueMax,
          queuePerTenantMax,
          defaultMaxTokens,
          caches,
          pictures,
          threads,
          adapters,
          tokenSets,
          queueBytesMax);
    }
  }
}
