package io.trimtab.engine.constraint;

import io.trimtab.error.TrimtabException;

/**
 * What compiling a schema may cost, in schemas read, bytes of names and of listed values, and
 * states of numbers. A small schema may mean a large grammar: where alternatives meet or names and
 * listed values are inherited, they multiply.
 */
final class SchemaBudget {
  /** A schema of the largest size that says everything once takes half at most. */
  static final int UNITS_MAX = 400_000;

  private int spent;

  /**
   * @throws TrimtabException INVALID_ARGUMENT when it is used up
   */
  void spend(long units) {
    spent += (int) Math.min(units, UNITS_MAX);
    if (spent > UNITS_MAX) {
      throw TrimtabException.invalid(
          "The schema is too large: what its parts and their combinations come to is above the limit");
    }
  }
}
