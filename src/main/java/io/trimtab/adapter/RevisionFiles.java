package io.trimtab.adapter;

import java.util.List;

/**
 * The PEFT folder of a revision, as blobs of the store.
 *
 * @param config sha-256 of adapter_config.json, hex
 * @param weights sha-256 of adapter_model.safetensors, hex
 * @param bytes of both together
 */
public record RevisionFiles(String config, String weights, long bytes) {
  List<String> blobs() {
    return List.of(config, weights);
  }
}
