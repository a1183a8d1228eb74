package io.trimtab.adaptation.gate;

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

/** The digest of a conversation: the same for the same words and pictures, whatever its id. */
final class InputKey {
  private InputKey() {}

  static String of(List<ChatMessage> messages) {
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
    return HexFormat.of().formatHex(digest.digest());
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
