package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.KeptMessage;
import io.trimtab.model.text.ConversationDigest;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Where an example stands among all: a number in [0, 1), spread evenly, that follows from the words
 * and pictures of its conversation. The same in every process.
 */
final class ExamplePlace {
  private ExamplePlace() {}

  static double of(List<KeptMessage> conversation) {
    ConversationDigest digest = new ConversationDigest();
    for (KeptMessage message : conversation) {
      digest.message(message.role());
      for (KeptMessage.Part part : message.parts()) {
        switch (part) {
          case KeptMessage.Text(String text) -> digest.text(text);
          case KeptMessage.PictureBlob(String sha256) -> digest.picture(sha256);
        }
      }
    }
    long first = Integer.toUnsignedLong(ByteBuffer.wrap(digest.bytes()).getInt());
    return first / (double) (1L << 32);
  }
}
