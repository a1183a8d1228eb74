package io.trimtab.adaptation.gate;

import io.trimtab.error.TrimtabException;

/**
 * What the gate holds a candidate against. Accuracies, shares and masses are 0 to 1.
 *
 * @param confidence of every bound, one-sided, 0.5 to below 1
 * @param validationMin distinct questions of the new task, from 1
 * @param probesMin distinct questions of other tasks that base answers as they say, from 1
 * @param gainMin the accuracy on the new task rises by more than this (lower bound)
 * @param accuracyMin it ends at this at least (lower bound): better than wrong is not yet useful
 * @param dropMax the accuracy on probes falls by this at most (upper bound)
 * @param taskDropMax no task of the probes is shown to fall by more than this (lower bound: one
 *     task has too few probes to prove that little was lost, but enough to show that much was)
 * @param taskProbesMin a task with fewer probes than this is judged with the others alone
 * @param disagreementMax on probes without an answer, how often base is contradicted at most (upper
 *     bound); far above {@code dropMax}, as another answer need not be a worse one
 * @param biasMax the share of answers and the probability mass of a class of tokens change on
 *     probes by this at most, up or down (the farther bound)
 * @param klAdvised nats; KL(base ‖ tuned) on the new task above this is remarked on, never refused
 */
public record GateLimits(
    double confidence,
    int validationMin,
    int probesMin,
    double gainMin,
    double accuracyMin,
    double dropMax,
    double taskDropMax,
    int taskProbesMin,
    double disagreementMax,
    double biasMax,
    double klAdvised) {
  public GateLimits {
    require(confidence >= 0.5 && confidence < 1, "confidence", confidence, "0.5 to below 1");
    requireCount("validation-min", validationMin);
    requireCount("probes-min", probesMin);
    requireCount("task-probes-min", taskProbesMin);
    requireShare("gain-min", gainMin);
    requireShare("accuracy-min", accuracyMin);
    requireShare("drop-max", dropMax);
    requireShare("task-drop-max", taskDropMax);
    requireShare("disagreement-max", disagreementMax);
    requireShare("bias-max", biasMax);
    require(
        klAdvised >= 0 && klAdvised < Double.POSITIVE_INFINITY,
        "kl-advised",
        klAdvised,
        "0 nats and above");
  }

  /**
   * Limits for 40 to 80 validation items and 300 probes.
   *
   * <ul>
   *   <li>{@code dropMax} 0.05: at 300 probes, of which base and candidate answer one in ten
   *       differently, the bound lies 3 points above what is seen, so that 2 points may be seen to
   *       be lost. A true drop of 5 points passes at most once in ten times, one of 10 never in
   *       GateRatesTest. One of 2 points passes about every second time; where it does not, smaller
   *       scales are tried.
   *   <li>{@code biasMax} 0.05: the noise of a share on 300 probes is about 1 point; a model that
   *       leans one way moves tens of points.
   *   <li>{@code accuracyMin} 0.2 and {@code gainMin} 0.05: over what guessing reaches among ten or
   *       so equally frequent answers.
   *   <li>{@code validationMin} 12: below it even a faultless candidate's bounds say little. More
   *       is not asked for, since few items widen the bounds by themselves.
   * </ul>
   */
  public static GateLimits defaults() {
    return new GateLimits(0.95, 12, 100, 0.05, 0.2, 0.05, 0.1, 8, 0.25, 0.05, 1);
  }

  private static void requireCount(String field, int value) {
    require(value >= 1, field, value, "1 and above");
  }

  private static void requireShare(String field, double value) {
    require(value >= 0 && value <= 1, field, value, "0 to 1");
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw TrimtabException.invalid(
          "trimtab.gate.%s is %s, expected %s".formatted(field, value, expected));
    }
  }
}
