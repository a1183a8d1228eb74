package io.trimtab.engine.constraint;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * Numbers from one bound to another.
 *
 * @param low null where there is none
 * @param lowExcluded whether the bound itself is out
 */
record NumberBounds(
    @Nullable BigDecimal low,
    boolean lowExcluded,
    @Nullable BigDecimal high,
    boolean highExcluded) {
  static final NumberBounds NONE = new NumberBounds(null, false, null, false);

  boolean isNone() {
    return low == null && high == null;
  }

  NumberBounds from(BigDecimal value, boolean excluded) {
    BigDecimal own = low;
    int order = own == null ? 1 : value.compareTo(own);
    return order < 0 || (order == 0 && lowExcluded)
        ? this
        : new NumberBounds(value, excluded, high, highExcluded);
  }

  NumberBounds to(BigDecimal value, boolean excluded) {
    BigDecimal own = high;
    int order = own == null ? -1 : value.compareTo(own);
    return order > 0 || (order == 0 && highExcluded)
        ? this
        : new NumberBounds(low, lowExcluded, value, excluded);
  }

  boolean holds(BigDecimal value) {
    return isAboveLow(value) && isBelowHigh(value);
  }

  private boolean isAboveLow(BigDecimal value) {
    int order = low == null ? 1 : value.compareTo(low);
    return order > 0 || (order == 0 && !lowExcluded);
  }

  private boolean isBelowHigh(BigDecimal value) {
    int order = high == null ? -1 : value.compareTo(high);
    return order < 0 || (order == 0 && !highExcluded);
  }

  /** Whether all of {@code [from, end)} is in. */
  boolean holdsAll(BigDecimal from, BigDecimal end) {
    return isAboveLow(from) && (high == null || end.compareTo(high) <= 0);
  }

  /** Whether nothing of {@code [from, end)} is in. */
  boolean holdsNone(BigDecimal from, BigDecimal end) {
    return (low != null && end.compareTo(low) <= 0) || !isBelowHigh(from);
  }

  /** The negative ones without their sign. */
  NumberBounds negated() {
    return new NumberBounds(
            high == null ? null : high.negate(),
            highExcluded,
            low == null ? null : low.negate(),
            lowExcluded)
        .from(BigDecimal.ZERO, true);
  }

  /** Those from 0 on. */
  NumberBounds unsigned() {
    return from(BigDecimal.ZERO, false);
  }

  /** The same integers as a range from an integer that is in to one that is out. */
  NumberBounds ofIntegers() {
    BigDecimal first = low == null ? null : low.setScale(0, RoundingMode.CEILING);
    if (first != null && lowExcluded && first.compareTo(low) == 0) {
      first = first.add(BigDecimal.ONE);
    }
    BigDecimal end = high == null ? null : high.setScale(0, RoundingMode.CEILING);
    if (end != null && !highExcluded && end.compareTo(high) == 0) {
      end = end.add(BigDecimal.ONE);
    }
    return new NumberBounds(first, false, end, true);
  }
}
