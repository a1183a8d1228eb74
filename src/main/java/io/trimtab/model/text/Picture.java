package io.trimtab.model.text;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * An encoded picture (PNG, JPEG, …) and its digest. Two pictures are equal when their digests are.
 *
 * <p>The array is not copied: whoever makes a picture hands the array over and writes to it no
 * more, and whoever reads one does not write to it either.
 *
 * @param encoded the file's bytes
 * @param sha256 SHA-256 of the bytes, 64 lower-case hexadecimal digits
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by digest; a copy would double large inputs
public record Picture(byte[] encoded, String sha256) {
  public Picture {
    if (sha256.length() != 64) {
      throw new IllegalArgumentException(
          "Expected a SHA-256 of 64 hexadecimal digits, got \"%s\"".formatted(sha256));
    }
  }

  /** Takes over the array and computes its digest. */
  public static Picture of(byte[] encoded) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(encoded);
      return new Picture(encoded, HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Picture picture && sha256.equals(picture.sha256);
  }

  @Override
  public int hashCode() {
    return sha256.hashCode();
  }

  @Override
  public String toString() {
    return "Picture[%d bytes, sha256 %s]".formatted(encoded.length, sha256);
  }
}
