package io.trimtab.adaptation.probes;

import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import io.trimtab.store.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A question about a picture.
 *
 * @param id of picture and question: the same wherever they lie, 32 hexadecimal digits
 * @param task what it is one of, such as {@code color}
 * @param messages one turn of the user's: the picture, then the question
 * @param answer the right one; empty where agreement with base is the standard
 */
public record Probe(String id, String task, List<ChatMessage> messages, Optional<String> answer) {
  private static final int ID_DIGITS = 32;

  public Probe {
    messages = List.copyOf(messages);
  }

  static Probe of(ProbeLine line, Picture picture) {
    List<ChatMessage> messages =
        List.of(
            new ChatMessage(
                Role.USER, List.of(new PicturePart(picture), new TextPart(line.question()))));
    return new Probe(id(picture, line.question()), line.task(), messages, line.answer());
  }

  /** The digest comes first and has one length, so no two pairs run together. */
  private static String id(Picture picture, String question) {
    byte[] key = (picture.sha256() + question).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(Sha256.start().digest(key)).substring(0, ID_DIGITS);
  }
}
