package io.trimtab.adaptation.job;

import java.time.Duration;

/**
 * How long a tuner waits for what.
 *
 * @param lease a job is a process' own for so long without a word from it
 * @param look between two looks at whether somebody has ended the job
 * @param stopMax until a trainer that was stopped is given up
 * @param pause before what failed for a passing reason is tried a second time; twice as long before
 *     each next time
 * @param attempts how often it is tried in all, from 1
 */
record JobPace(Duration lease, Duration look, Duration stopMax, Duration pause, int attempts) {
  static final JobPace DEFAULT =
      new JobPace(
          Duration.ofMinutes(3),
          Duration.ofMillis(500),
          Duration.ofMinutes(1),
          Duration.ofSeconds(1),
          5);
}
