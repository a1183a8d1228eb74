package io.trimtab.adapter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of a revision, as blobs of the store: its PEFT folder, and what was seen of it before
 * it was published.
 *
 * @param config sha-256 of adapter_config.json, hex
 * @param weights sha-256 of adapter_model.safetensors, hex
 * @param bytes of both together
 * @param envelope sha-256 of the envelope, hex: what the gate saw of it, the reference of the drift
 *     watch; null where no gate has seen it. What is inside is for those who wrote it
 */
public record RevisionFiles(String config, String weights, long bytes, @Nullable String envelope) {
  /** A PEFT folder that no gate has seen. */
  public RevisionFiles(String config, String weights, long bytes) {
    this(config, weights, bytes, null);
  }

  List<String> blobs() {
    return envelope == null ? List.of(config, weights) : List.of(config, weights, envelope);
  }
}
