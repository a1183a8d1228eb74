package io.trimtab.world;

/**
 * A question about a picture, and the one right answer.
 *
 * @param task what is asked for, in a word: {@code color}, {@code caption}, {@code clock} …
 */
public record Question(String task, String text, String answer) {}
