package io.trimtab.adaptation.job;

/**
 * This process is to leave a job as it is: somebody has ended it or has it now, or the server
 * stops.
 */
final class JobLeft extends RuntimeException {
  private static final long serialVersionUID = 1;

  JobLeft(String reason) {
    super(reason);
  }
}
