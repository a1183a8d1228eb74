package io.trimtab.adapter;

import io.trimtab.error.TrimtabException;

/**
 * Bounds of adapters. Names of settings are vLLM's where it has them.
 *
 * @param maxRank largest rank of a module ({@code max_lora_rank})
 * @param configBytesMax of adapter_config.json
 * @param weightsBytesMax of adapter_model.safetensors
 * @param adaptersPerTenantMax names that one tenant has at a time
 * @param revisionsPerAdapterMax revisions that one adapter keeps at a time
 */
public record AdapterLimits(
    int maxRank,
    long configBytesMax,
    long weightsBytesMax,
    int adaptersPerTenantMax,
    int revisionsPerAdapterMax) {
  public AdapterLimits {
    require(maxRank >= 1 && maxRank <= 1024, "max-lora-rank", "1 to 1024", maxRank);
    require(configBytesMax >= 2, "config-bytes-max", "2 and above", configBytesMax);
    require(weightsBytesMax >= 8, "weights-bytes-max", "8 and above", weightsBytesMax);
    require(adaptersPerTenantMax >= 1, "per-tenant-max", "1 and above", adaptersPerTenantMax);
    require(revisionsPerAdapterMax >= 1, "revisions-max", "1 and above", revisionsPerAdapterMax);
  }

  public static AdapterLimits defaults() {
    return new AdapterLimits(256, 1 << 20, 2L << 30, 1_000, 256);
  }

  private static void require(boolean holds, String field, String expected, Object value) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.adapters.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
