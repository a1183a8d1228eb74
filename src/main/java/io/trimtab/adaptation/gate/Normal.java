package io.trimtab.adaptation.gate;

import io.trimtab.error.TrimtabException;

/** The standard normal distribution. */
final class Normal {
  private Normal() {}

  /**
   * The value that is exceeded with probability {@code 1 - confidence}: Abramowitz and Stegun,
   * Handbook of Mathematical Functions, 26.2.23; its error is below 4.5e-4.
   *
   * @param confidence 0.5 to below 1
   */
  static double quantile(double confidence) {
    if (!(confidence >= 0.5 && confidence < 1)) {
      throw TrimtabException.invalid(
          "The confidence is %s, expected 0.5 to below 1".formatted(confidence));
    }
    double t = Math.sqrt(-2 * Math.log(1 - confidence));
    double above = 2.515517 + t * (0.802853 + t * 0.010328);
    double below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    return t - above / below;
  }
}
