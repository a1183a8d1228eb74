package io.trimtab.drift;

import io.trimtab.drift.Quantity.Direction;
import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.api.TokenSet;
import java.util.ArrayList;
import java.util.List;

/**
 * What is watched about each answer, measured from two readings of the same tokens: the tuned
 * model's, which gave them, and base's. The gate measures its candidates with the same function.
 * Immutable.
 *
 * <ul>
 *   <li>{@code CLASS_bias}, up and down: mean over the places of the difference of the class' mass,
 *       cut at 0. Of the end of the answer, at the first place alone: {@code silence_bias}.
 *   <li>{@code length_bias}, up and down: difference of how probable it is that a model goes on to
 *       the answer's last token, {@code prod(1 - end mass)} over all places after the first and
 *       before the last; MORE is that the tuned model does where base would have ended.
 *   <li>{@code kl_to_base}: mean of KL(base ‖ tuned) over the places ({@link Divergence}, a lower
 *       bound), in units of {@value #KL_UNIT} nats and cut at 1.
 *   <li>{@code disagreement}: share of places where base's best token is another one than the tuned
 *       model's.
 *   <li>{@code prompt_surprise}: 1 less the probability of base's own best token at the first
 *       place. It is the control: base has not changed, and no token of the answer comes before, so
 *       where it rises, the prompts have changed. Further places would not do: text that the tuned
 *       model alone would write surprises base.
 * </ul>
 */
public final class Quantities {
  /** Nats a token that count as 1. */
  public static final double KL_UNIT = 4;

  private final WatchedClasses classes;
  private final List<Quantity> all;

  public Quantities(WatchedClasses classes) {
    this.classes = classes;
    List<Quantity> quantities = new ArrayList<>();
    for (TokenSet set : classes.sets()) {
      both(quantities, set.name() + "_bias");
    }
    both(quantities, "length_bias");
    quantities.add(new Quantity("kl_to_base", Direction.MORE));
    quantities.add(new Quantity("disagreement", Direction.MORE));
    quantities.add(new Quantity("prompt_surprise", Direction.MORE));
    all = List.copyOf(quantities);
  }

  private static void both(List<Quantity> quantities, String name) {
    quantities.add(new Quantity(name, Direction.MORE));
    quantities.add(new Quantity(name, Direction.LESS));
  }

  /** In the order of a shift's values; the last is the control. */
  public List<Quantity> all() {
    return all;
  }

  /** Where the control stands. */
  public int control() {
    return all.size() - 1;
  }

  /**
   * Measures one answer.
   *
   * @throws IllegalStateException for readings of different tokens
   */
  public Shift measure(AnswerReading base, AnswerReading tuned) {
    int places = tuned.places();
    if (places == 0 || base.places() != places || base.sets() != tuned.sets()) {
      throw new IllegalStateException(
          "Base read %d places with %d sets, the tuned model %d with %d"
              .formatted(base.places(), base.sets(), places, tuned.sets()));
    }
    Measured measured = new Measured(all.size(), places);
    for (int set = 0; set < classes.sets().size(); set++) {
      measured.both(mass(base, set), mass(tuned, set));
    }
    measured.both(goesOn(base), goesOn(tuned));
    double kl = Math.min(1, kl(base, tuned) / KL_UNIT);
    measured.add(kl, 0, kl);
    double agreement = agreement(base, tuned);
    measured.add(1 - agreement, 1, agreement);
    double surprise = surprise(base);
    measured.add(surprise, surprise, surprise(tuned));
    return measured.shift();
  }

  private double mass(AnswerReading reading, int set) {
    if (set == classes.end()) {
      return reading.mass(0, set);
    }
    double sum = 0;
    for (int place = 0; place < reading.places(); place++) {
      sum += reading.mass(place, set);
    }
    return sum / reading.places();
  }

  private double goesOn(AnswerReading reading) {
    double goesOn = 1;
    for (int place = 1; place < reading.places() - 1; place++) {
      goesOn *= 1 - reading.mass(place, classes.end());
    }
    return goesOn;
  }

  private static double kl(AnswerReading base, AnswerReading tuned) {
    double sum = 0;
    for (int place = 0; place < tuned.places(); place++) {
      sum += Divergence.lowerBound(row(base, place), row(tuned, place));
    }
    return sum / tuned.places();
  }

  private static RankedLogprobs row(AnswerReading reading, int place) {
    int from = place * reading.bests();
    int[] tokens = new int[reading.bests()];
    float[] logprobs = new float[reading.bests()];
    System.arraycopy(reading.bestIds(), from, tokens, 0, tokens.length);
    System.arraycopy(reading.bestLogprobs(), from, logprobs, 0, tokens.length);
    return new RankedLogprobs(tokens, logprobs);
  }

  private static double agreement(AnswerReading base, AnswerReading tuned) {
    int same = 0;
    for (int place = 0; place < tuned.places(); place++) {
      same += base.best(place) == tuned.best(place) ? 1 : 0;
    }
    return same / (double) tuned.places();
  }

  private static double surprise(AnswerReading reading) {
    return 1 - Math.exp(reading.bestLogprobs()[0]);
  }

  /** A shift in the making. */
  private static final class Measured {
    private final double[] values;
    private final double[] base;
    private final double[] tuned;
    private final int places;
    private int size;

    Measured(int quantities, int places) {
      this.values = new double[quantities];
      this.base = new double[quantities];
      this.tuned = new double[quantities];
      this.places = places;
    }

    void add(double value, double ofBase, double ofTuned) {
      values[size] = value;
      base[size] = ofBase;
      tuned[size] = ofTuned;
      size++;
    }

    /** What one model has more than the other is the one's MORE or LESS; the other is 0. */
    void both(double ofBase, double ofTuned) {
      add(Math.max(0, ofTuned - ofBase), ofBase, ofTuned);
      add(Math.max(0, ofBase - ofTuned), ofBase, ofTuned);
    }

    Shift shift() {
      return new Shift(values, base, tuned, places);
    }
  }
}
