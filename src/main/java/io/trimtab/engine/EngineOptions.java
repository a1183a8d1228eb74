package io.trimtab.engine;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.image.PictureLimits;
import java.util.OptionalInt;

/**
 * Bounds and sizes of one engine. Names of settings are vLLM's where it has them.
 *
 * @param maxBatch most sequences in one decode step (vLLM's {@code max_num_seqs}), 1 to 256
 * @param maxSequenceTokens longest prompt and answer together ({@code max_model_len}); empty is
 *     what the model was made for
 * @param prefillChunkTokens most prompt tokens run between two decode steps
 * @param runningPerTenantMax most sequences of one tenant that hold a slot
 * @param queueMax most requests that wait, those being read included
 * @param queuePerTenantMax the same for one tenant
 * @param defaultMaxTokens tokens generated when a request names no number
 * @param imageCacheBytes kept image embeddings
 * @param pictureCacheBytes kept encoded pictures, to be named by digest
 * @param pictures what a picture may be at most
 * @param threads intra-op threads of ONNX Runtime, 0 for one a core
 */
public record EngineOptions(
    int maxBatch,
    OptionalInt maxSequenceTokens,
    int prefillChunkTokens,
    int runningPerTenantMax,
    int queueMax,
    int queuePerTenantMax,
    int defaultMaxTokens,
    long imageCacheBytes,
    long pictureCacheBytes,
    PictureLimits pictures,
    int threads) {
  public EngineOptions {
    require(maxBatch >= 1 && maxBatch <= 256, "max-batch", "1 to 256", maxBatch);
    require(
        maxSequenceTokens.isEmpty() || maxSequenceTokens.getAsInt() >= 2,
        "max-model-len",
        "2 and above",
        maxSequenceTokens.orElse(0));
    require(prefillChunkTokens >= 1, "prefill-chunk", "1 and above", prefillChunkTokens);
    require(runningPerTenantMax >= 1, "per-tenant.max-running", "1 and above", runningPerTenantMax);
    require(queueMax >= 1, "queue-size", "1 and above", queueMax);
    require(queuePerTenantMax >= 1, "per-tenant.max-queued", "1 and above", queuePerTenantMax);
    require(defaultMaxTokens >= 1, "default-max-tokens", "1 and above", defaultMaxTokens);
    require(imageCacheBytes >= 0, "image-cache-bytes", "0 and above", imageCacheBytes);
    require(pictureCacheBytes >= 0, "picture-cache-bytes", "0 and above", pictureCacheBytes);
    require(threads >= 0, "threads", "0 and above", threads);
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
        256L << 20,
        64L << 20,
        PictureLimits.defaults(),
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
        imageCacheBytes,
        pictureCacheBytes,
        pictures,
        threads);
  }

  /** These options with another chunk of prefill, for tests and benchmarks. */
  public EngineOptions withPrefillChunkTokens(int value) {
    return new EngineOptions(
        maxBatch,
        maxSequenceTokens,
        value,
        runningPerTenantMax,
        queueMax,
        queuePerTenantMax,
        defaultMaxTokens,
        imageCacheBytes,
        pictureCacheBytes,
        pictures,
        threads);
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
        imageCacheBytes,
        pictureCacheBytes,
        pictures,
        value);
  }

  private static void require(boolean holds, String field, String expected, Object value) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.engine.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
