package io.trimtab.drift;

import java.util.function.ToDoubleFunction;

/**
 * Probability on each class of tokens, 0 to 1.
 *
 * @param end at the first token of the answer, where it means silence
 */
public record ClassMasses(double numbers, double yesNo, double refusals, double end) {
  /** From the mass of each. */
  public static ClassMasses of(ToDoubleFunction<TokenClass> mass) {
    return new ClassMasses(
        mass.applyAsDouble(TokenClass.NUMBERS),
        mass.applyAsDouble(TokenClass.YES_NO),
        mass.applyAsDouble(TokenClass.REFUSALS),
        mass.applyAsDouble(TokenClass.END));
  }

  public double of(TokenClass tokenClass) {
    return switch (tokenClass) {
      case NUMBERS -> numbers;
      case YES_NO -> yesNo;
      case REFUSALS -> refusals;
      case END -> end;
    };
  }
}
