package io.trimtab.model.text;

/** One part of a message: text or a picture. */
public sealed interface ContentPart {
  record TextPart(String text) implements ContentPart {}

  record PicturePart(Picture picture) implements ContentPart {}
}
