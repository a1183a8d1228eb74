package io.trimtab.drift;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Shifts made by hand: all is still but one quantity. */
public final class Shifts {
  private Shifts() {}

  /** A question of these words. */
  public static QuestionWords words(long... keys) {
    return new QuestionWords(Arrays.stream(keys).boxed().collect(Collectors.toSet()));
  }

  /** With one quantity at a value, the control at 0.1 and all else at 0. */
  public static Shift of(Quantities quantities, int quantity, double value) {
    double[] values = new double[quantities.all().size()];
    values[quantities.control()] = 0.1;
    values[quantity] = value;
    double[] base = new double[values.length];
    return new Shift(values, base, values.clone(), 3);
  }
}
