package io.trimtab.model.text;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * An encoded picture and the digest that names it. Two pictures are equal when their bytes are. The
 * array is not copied: whoever makes a picture leaves it alone from then on.
 */
public final class Picture {
  private final byte[] encoded;
  private final String sha256;

  private Picture(byte[] encoded, String sha256) {
    this.encoded = encoded;
    this.sha256 = sha256;
  }

  public static Picture of(byte[] encoded) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(encoded);
      return new Picture(encoded, HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** The file's bytes, not to be changed. */
  public byte[] encoded() {
    return encoded;
  }

  /** 64 hex digits. */
  public String sha256() {
    return sha256;
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
    return "Picture[" + sha256 + ", " + encoded.length + " bytes]";
  }
}
