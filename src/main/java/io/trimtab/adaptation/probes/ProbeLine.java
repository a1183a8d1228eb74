package io.trimtab.adaptation.probes;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A line of probes.jsonl.
 *
 * @param task what is asked for, in a word
 * @param picture name of a file in the folder
 * @param answer the right one; null where base's own is the standard
 * @param use {@code probe} or {@code rehearsal}; null leaves it to the picture's digest
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProbeLine(
    String task, String picture, String question, @Nullable String answer, @Nullable String use) {
  /** Judged by. */
  public static final String PROBE = "probe";

  /** Trained on. */
  public static final String REHEARSAL = "rehearsal";
}
