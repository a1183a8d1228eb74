package io.trimtab.adaptation.job;

import io.trimtab.error.TrimtabException;

/**
 * This process is to leave a job as it is: somebody has ended it or has it now, or the server
 * stops.
 */
final class JobLeft extends RuntimeException {
  private static final long serialVersionUID = 1;

  JobLeft(String reason) {
    super(reason);
  }

  /** Because of what holds up every job, not this one alone. */
  JobLeft(TrimtabException cause) {
    super(cause.getMessage(), cause);
  }
}
