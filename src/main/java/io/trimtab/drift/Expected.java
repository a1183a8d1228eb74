package io.trimtab.drift;

/**
 * What a quantity may be of one kind of question.
 *
 * @param mean as it was seen at the gate, 0 to 1
 * @param deviation of one answer, likewise
 * @param bound what the mean of live answers may be at most, above 0 and below 1
 */
public record Expected(double mean, double deviation, double bound) {
  public Expected {
    if (!(mean >= 0 && mean <= 1 && deviation >= 0 && bound > 0 && bound < 1)) {
      throw new IllegalStateException(
          "Expected a mean of 0 to 1 and a bound between, got %s, %s and %s"
              .formatted(mean, deviation, bound));
    }
  }
}
