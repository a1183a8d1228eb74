package io.trimtab.drift;

import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.ContentPart;
import io.trimtab.model.text.ConversationDigest;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.TextPart;
import java.nio.ByteBuffer;
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
    ConversationDigest digest = new ConversationDigest();
    for (ChatMessage message : messages) {
      digest.message(message.role());
      for (ContentPart part : message.parts()) {
        switch (part) {
          case TextPart(String text) -> digest.text(text);
          case PicturePart(var picture) -> digest.picture(picture.sha256());
        }
      }
    }
    return digest.bytes();
  }
}
