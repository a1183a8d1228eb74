package io.trimtab.engine.api;

import io.trimtab.error.TrimtabException;
import java.util.List;

/**
 * Where the events of one request go: {@code started}, any number of {@code delta}, then exactly
 * one of {@code finished} and {@code failed} ({@code failed} may come first of all). Called by one
 * thread at a time, most often the step loop's: an implementation must return at once and must not
 * throw.
 */
public interface GenerationListener {
  /** The request is admitted; what it is served by is fixed from here to its end. */
  void started(ServedBy servedBy);

  /** Newly completed text (whole characters, may be empty) and the tokens behind it. */
  void delta(String text, List<TokenLogprob> logprobs);

  void finished(Completion completion);

  void failed(TrimtabException reason);
}
