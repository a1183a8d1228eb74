package io.trimtab.model.text;

/** One piece of a message: text or a picture. */
public sealed interface ContentPart permits TextPart, PicturePart {}
