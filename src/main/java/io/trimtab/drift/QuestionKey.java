package io.trimtab.drift;

import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.TextPart;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * What a conversation is told by, in 64 bits: whether it is the same question again. The first 8
 * bytes of a SHA-256.
 */
public final class QuestionKey {
  private QuestionKey() {}

  /** Of its words and pictures. */
  public static long of(List<ChatMessage> messages) {
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
    return ByteBuffer.wrap(digest.digest()).getLong();
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
