package io.trimtab.drift;

/**
 * How one answer of the tuned model looks beside base, in the order of the {@link Quantities} that
 * measured it.
 *
 * <p>The arrays belong to the record; readers do not write to them.
 *
 * @param values of each quantity, 0 to 1
 * @param base what base does, of each quantity: mass of a class, share of its own best tokens, ...
 * @param tuned what the tuned model does
 * @param places tokens that were compared
 */
@SuppressWarnings("ArrayRecordComponent") // one per shadowed request, read at once
public record Shift(double[] values, double[] base, double[] tuned, int places) {
  public double value(int quantity) {
    return values[quantity];
  }

  /** Whether all is a number: a model that computes none has no shift. */
  public boolean finite() {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += values[i] + base[i] + tuned[i];
    }
    return Double.isFinite(sum);
  }
}
