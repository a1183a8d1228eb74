package io.trimtab.model.text;

/** Text as its author wrote it. Special tokens in it have no meaning. */
public record TextPart(String text) implements ContentPart {}
