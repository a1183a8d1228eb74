package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.KeptMessage;
import io.trimtab.store.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/**
 * Where an example stands among all: a number in [0, 1), spread evenly, that follows from the words
 * and pictures of its conversation. The same in every process.
 */
final class ExamplePlace {
  private ExamplePlace() {}

  static double of(List<KeptMessage> conversation) {
    MessageDigest digest = Sha256.start();
    for (KeptMessage message : conversation) {
      add(digest, 'm', message.role().name());
      for (KeptMessage.Part part : message.parts()) {
        switch (part) {
          case KeptMessage.Text(String text) -> add(digest, 't', text);
          case KeptMessage.PictureBlob(String sha256) -> add(digest, 'p', sha256);
        }
      }
    }
    long first = Integer.toUnsignedLong(ByteBuffer.wrap(digest.digest()).getInt());
    return first / (double) (1L << 32);
  }

  /** Kind and length before the contents, so that no two sequences of parts run together. */
  private static void add(MessageDigest digest, char kind, String contents) {
    byte[] bytes = contents.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(6).putChar(kind).putInt(bytes.length).flip());
    digest.update(bytes);
  }
}
