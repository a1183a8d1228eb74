package io.trimtab.drift;

import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.TextPart;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What tells whether it is the same question again: the SHA-256 of a conversation's words and
 * pictures, whole or its first 8 bytes.
 */
public final class QuestionKey {
  private QuestionKey() {}

  /** Of its words and pictures. */
  public static long of(List<ChatMessage> messages) {
    return ByteBuffer.wrap(digest(messages)).getLong();
  }

  /** The whole digest: the same for the same words and pictures, whatever their id. Hex. */
  public static String hex(List<ChatMessage> messages) {
    return HexFormat.of().formatHex(digest(messages));
  }

  private static byte[] digest(List<ChatMessage> messages) {
    MessageDigest digest = sha256();
    for (ChatMessage message : messages) {
      add(digest, 'm', message.role().name());
      for (ContentPart part : message.parts()) {
        switch (part) {
          case TextPart(String text) -> add(digest, 't', text);
          case PicturePart(var picture) -> add(digest, 'p', picture.sha256());
        }
      }
    }
    return digest.digest();
  }

  /** Kind and length before the contents, so that no two sequences of parts run together. */
  private static void add(MessageDigest digest, char kind, String contents) {
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
