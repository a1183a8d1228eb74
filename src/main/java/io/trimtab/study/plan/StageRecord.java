package io.trimtab.study.plan;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one stage of a sequence came to; a line of JSON.
 *
 * @param stage from 1
 * @param skill that was tuned
 * @param steps updates that were done
 * @param trainingSeconds of them
 * @param seconds in all, with the measurements
 * @param taken whether the sequence goes on from what was trained
 * @param scale of the delta that the sequence goes on from; 0 is base
 * @param refusedBy the gate's checks, or what the trainer said; empty where it was taken
 * @param delta folder that the sequence goes on from, below the study's; empty for base
 * @param kl KL(base ‖ tuned) on the new task's inputs, nats a token of base's answer, a lower bound
 *     ({@link io.trimtab.drift.Divergence}); NaN where nothing could be scored
 * @param skills answers on the skills so far, by skill
 * @param heldOut answers on what base was taught, by task
 * @param bias before the stage, at some steps, and at its end, in that order
 */
public record StageRecord(
    String model,
    String recipe,
    String form,
    String variant,
    long seed,
    int stage,
    String skill,
    int steps,
    double trainingSeconds,
    double seconds,
    boolean taken,
    float scale,
    String refusedBy,
    String delta,
    double kl,
    Map<String, Answers> skills,
    Map<String, Answers> heldOut,
    List<Bias> bias) {
  public StageRecord {
    skills = Collections.unmodifiableMap(new TreeMap<>(skills));
    heldOut = Collections.unmodifiableMap(new TreeMap<>(heldOut));
    bias = List.copyOf(bias);
    if (bias.size() < 2) {
      throw new IllegalArgumentException(
          "%d measurements of the counting bias, expected before and after".formatted(bias.size()));
    }
  }

  /**
   * Which questions were answered rightly: a character each, {@code 1} for those that were, in the
   * exam's order.
   */
  public record Answers(String base, String tuned) {
    public Answers {
      if (base.length() != tuned.length() || !(base + tuned).matches("[01]*")) {
        throw new IllegalArgumentException(
            "Answers are '%s' and '%s', expected as many of 0 and 1".formatted(base, tuned));
      }
    }

    public int questions() {
      return base.length();
    }

    static int right(String answers) {
      return (int) answers.chars().filter(answer -> answer == '1').count();
    }

    /** Right answers of the tuned model, in percent. */
    public double percent() {
      return 100.0 * right(tuned) / questions();
    }

    public double basePercent() {
      return 100.0 * right(base) / questions();
    }
  }

  /**
   * The counting bias.
   *
   * @param step updates of this stage
   * @param mean mass on number tokens over an answer's steps, then over pictures, 0 to 1
   * @param max likewise of the largest of an answer's steps
   */
  public record Bias(int step, double mean, double max) {}

  /** The same run's group, as {@link StudyRun#group}. */
  String group() {
    return "%s-%s-%s-%s".formatted(model, recipe, form, variant);
  }

  public String runName() {
    return "%s-%d".formatted(group(), seed);
  }

  public String name() {
    return "%s-%d-%s".formatted(runName(), stage, skill);
  }

  /** All held-out questions, task by task in alphabetical order. */
  public Answers allHeldOut() {
    StringBuilder base = new StringBuilder();
    StringBuilder tuned = new StringBuilder();
    heldOut
        .values()
        .forEach(
            answers -> {
              base.append(answers.base());
              tuned.append(answers.tuned());
            });
    return new Answers(base.toString(), tuned.toString());
  }

  /** Points of held-out accuracy below base; negative where it is above. */
  public double heldOutLoss() {
    Answers all = allHeldOut();
    return all.basePercent() - all.percent();
  }

  /** The counting bias at the end. */
  public Bias biasAtEnd() {
    return bias.getLast();
  }
}
