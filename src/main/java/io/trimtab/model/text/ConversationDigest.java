package io.trimtab.model.text;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The SHA-256 of a conversation's roles, words and pictures, however these are held: two that are
 * the same have the same. Told part by part, in order.
 */
public final class ConversationDigest {
  private final MessageDigest digest = sha256();

  /** Begins a message. */
  public void message(Role role) {
    add('m', role.name());
  }

  public void text(String text) {
    add('t', text);
  }

  /**
   * @param sha256 of the encoded picture, hex
   */
  public void picture(String sha256) {
    add('p', sha256);
  }

  /** 32 bytes; nothing may be told after it. */
  public byte[] bytes() {
    return digest.digest();
  }

  /** Kind and length before the contents, so that no two sequences of parts run together. */
  private void add(char kind, String contents) {
    byte[] bytes = contents.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(6).putChar(kind).putInt(bytes.length).flip());
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
