package io.trimtab.drift;

/**
 * What a quantity may be of one kind of question.
 *
 * @param deviation of one answer, as it was seen at the gate
 * @param bound what the mean of live answers may be at most, above 0 and below 1
 */
public record Expected(double deviation, double bound) {
  public Expected {
    if (!(deviation >= 0 && bound > 0 && bound < 1)) {
      throw new IllegalStateException(
          "Expected a deviation of 0 and above and a bound between 0 and 1, got %s and %s"
              .formatted(deviation, bound));
    }
  }
}
