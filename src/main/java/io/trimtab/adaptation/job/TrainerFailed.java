package io.trimtab.adaptation.job;

import io.trimtab.error.TrimtabException;

/**
 * The trainer has ended a job in its own words. Whatever its code, that is for good: tried again is
 * only one that died without a word, which is seen to where trainers are started.
 */
final class TrainerFailed extends RuntimeException {
  private static final long serialVersionUID = 1;

  TrainerFailed(TrimtabException reason) {
    super(reason.getMessage(), reason);
  }
}
