package io.trimtab.model;

import io.trimtab.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * What a model is, in 64 hex digits: sha-256 over its configuration as it was understood ({@link
 * ModelConfig} in its text form, so without names, versions and training settings) and over every
 * tensor (canonical name, dtype, shape, bytes) in order of names. So the same model sharded
 * otherwise, or written by another generation of transformers, has the same digest. Reads every
 * byte of the weights.
 */
final class CheckpointDigest {
  /** Grows with every change of what is digested, the components of ModelConfig among it. */
  static final String FORMAT = "trimtab checkpoint 1";

  /** A direct ByteBuffer spans at most 2 GiB; large tensors are digested in pieces. */
  private static final long PIECE_BYTES = 1L << 26;

  private CheckpointDigest() {}

  static String of(ModelConfig config, Weights weights) {
    MessageDigest digest = sha256();
    digest.update("%s\n%s".formatted(FORMAT, config).getBytes(StandardCharsets.UTF_8));
    for (Map.Entry<String, Tensor> entry : weights.all().entrySet()) {
      Tensor tensor = entry.getValue();
      String header = "\n%s %s %s\n".formatted(entry.getKey(), tensor.dtype(), tensor.shape());
      digest.update(header.getBytes(StandardCharsets.UTF_8));
      update(digest, tensor.data());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, MemorySegment data) {
    for (long at = 0; at < data.byteSize(); at += PIECE_BYTES) {
      long bytes = Math.min(PIECE_BYTES, data.byteSize() - at);
      digest.update(data.asSlice(at, bytes).asByteBuffer());
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
