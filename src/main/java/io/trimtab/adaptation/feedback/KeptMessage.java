package io.trimtab.adaptation.feedback;

import io.trimtab.model.text.Role;
import java.util.List;

/** One turn of a kept conversation, its pictures by digest. */
public record KeptMessage(Role role, List<Part> parts) {
  /** Text, or a picture. */
  public sealed interface Part {}

  public record Text(String text) implements Part {}

  /** A picture that is a blob of the store. */
  public record PictureBlob(String sha256) implements Part {}

  public KeptMessage {
    parts = List.copyOf(parts);
  }
}
