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
 * @param queueMax most interactive requests that wait, those being read included; as many may wait
 *     in the background besides
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

  /** Without token sets, and with the queue's bytes left to the heap's size. */
  public EngineOptions(
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
      AdapterLimits adapters) {
    this(
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
        List.of(),
        0);
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
    return new EngineOptions(
        8,
        OptionalInt.empty(),
        512,
        Integer.MAX_VALUE,
        256,
        Integer.MAX_VALUE,
        256,
        Caches.defaults(),
        PictureLimits.defaults(),
        0,
        AdapterLimits.defaults(),
        List.of(),
        0);
  }

  /** These options with another batch, for tests and benchmarks. */
  public EngineOptions withMaxBatch(int value) {
    return new EngineOptions(
        value,
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

  /** These options with another number of threads. */
  public EngineOptions withThreads(int value) {
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
        value,
        adapters,
        tokenSets,
        queueBytesMax);
  }

  /** These options with other caches, for tests and benchmarks. */
  public EngineOptions withCaches(Caches value) {
    return new EngineOptions(
        maxBatch,
        maxSequenceTokens,
        prefillChunkTokens,
        runningPerTenantMax,
        queueMax,
        queuePerTenantMax,
        defaultMaxTokens,
        value,
        pictures,
        threads,
        adapters,
        tokenSets,
        queueBytesMax);
  }

  /** These options with other token sets. */
  public EngineOptions withTokenSets(List<TokenSet> value) {
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
        value,
        queueBytesMax);
  }

  /** These options with another bound on the memory of what waits. */
  public EngineOptions withQueueBytesMax(long value) {
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
        value);
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
}
