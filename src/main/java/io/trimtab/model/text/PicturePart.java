package io.trimtab.model.text;

/** A picture that stands at this place of a message. */
public record PicturePart(Picture picture) implements ContentPart {}
