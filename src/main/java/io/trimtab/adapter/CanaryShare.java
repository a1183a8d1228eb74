package io.trimtab.adapter;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which requests a canary serves: those whose hash falls below its percent. The hash is the first 8
 * bytes, unsigned and big-endian, of sha-256 over the canary's digest (64 hex digits) and the
 * request's id in UTF-8, modulo 100. So a request's id always falls on the same side of the same
 * delta, every replica decides alike, and a growing percent only ever adds requests.
 */
final class CanaryShare {
  private CanaryShare() {}

  static boolean takes(String canaryDigest, int percent, String requestId) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
    sha256.update(canaryDigest.getBytes(StandardCharsets.UTF_8));
    byte[] hash = sha256.digest(requestId.getBytes(StandardCharsets.UTF_8));
    return Long.remainderUnsigned(ByteBuffer.wrap(hash).getLong(), 100) < percent;
  }
}
