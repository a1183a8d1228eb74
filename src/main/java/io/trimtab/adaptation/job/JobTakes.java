package io.trimtab.adaptation.job;

/**
 * How often in a row a job was taken without getting further, as a version of a line of its own.
 * What ends the server each time, or can't be had each time, is told by it.
 *
 * @param version of the line; 0 before the first take
 * @param count takes in a row, from 0
 * @param step the furthest update that training was known to be at when the job was taken
 */
record JobTakes(long version, int count, int step) {
  static final JobTakes NONE = new JobTakes(0, 0, 0);

  /** With one more take, begun at a step. */
  JobTakes taken(int at) {
    return at > step
        ? new JobTakes(version + 1, 1, at)
        : new JobTakes(version + 1, count + 1, step);
  }

  /** As if the last take had not been. */
  JobTakes takenBack() {
    return new JobTakes(version + 1, count - 1, step);
  }
}
