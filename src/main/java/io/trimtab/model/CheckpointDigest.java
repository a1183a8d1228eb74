package io.trimtab.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * What a model is, in 64 hex digits: sha-256 over its configuration and over every tensor
 * (canonical name, dtype, shape, bytes) in order of names. So the same model sharded otherwise, or
 * written by another generation of transformers, has the same digest. Reads every byte of the
 * weights.
 */
final class CheckpointDigest {
  /** Fields that say where a configuration came from, not what it computes. */
  private static final List<String> PROVENANCE =
      List.of("_name_or_path", "architectures", "dtype", "torch_dtype", "transformers_version");

  /** A direct ByteBuffer spans at most 2 GiB; large tensors are digested in pieces. */
  private static final long PIECE_BYTES = 1L << 26;

  private CheckpointDigest() {}

  static String of(JsonNode config, Weights weights) {
    MessageDigest digest = sha256();
    digest.update(canonical(config));
    for (Map.Entry<String, Tensor> entry : weights.all().entrySet()) {
      Tensor tensor = entry.getValue();
      String header = "\n%s %s %s\n".formatted(entry.getKey(), tensor.dtype(), tensor.shape());
      digest.update(header.getBytes(StandardCharsets.UTF_8));
      update(digest, tensor.data());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static byte[] canonical(JsonNode config) {
    JsonNode kept = config.deepCopy();
    kept.findParents("model_type").forEach(part -> ((ObjectNode) part).remove(PROVENANCE));
    JsonMapper sorted =
        JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();
    try {
      return sorted.writeValueAsBytes(sorted.treeToValue(kept, Map.class));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A parsed configuration could not be written", e);
    }
  }

  private static void update(MessageDigest digest, MemorySegment data) {
    for (long at = 0; at < data.byteSize(); at += PIECE_BYTES) {
      long bytes = Math.min(PIECE_BYTES, data.byteSize() - at);
      digest.update(data.asSlice(at, bytes).asByteBuffer());
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
