package io.trimtab.engine.constraint;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the automaton of the numbers between bounds: digits, and unless they are integers a point
 * and digits; no exponent, and no negative zero.
 *
 * <p>What has been said is a prefix; what may follow depends on how the blocks of numbers that
 * begin with it, one for each length, lie to the bounds. Where no bound cuts one, prefixes with
 * blocks alike are one state; where a bound cuts one, the prefix is that of the bound, and there
 * are few.
 */
final class NumberRange {
  private enum Form {
    /** Digits before the point. */
    WHOLE,
    /** The point. */
    POINT,
    /** Digits behind it. */
    FRACTION
  }

  /**
   * What has been said without its sign.
   *
   * @param value of the digits
   * @param digits before the point, or behind it in a FRACTION
   */
  private record Prefix(Form form, BigDecimal value, int digits) {}

  private record Open(int state, Prefix prefix) {}

  private final boolean integers;
  private final LexemeBuilder states = new LexemeBuilder();
  private final ArrayDeque<Open> open = new ArrayDeque<>();

  private NumberRange(boolean integers) {
    this.integers = integers;
  }

  static Lexeme of(NumberBounds bounds, boolean integers) {
    return new NumberRange(integers).build(integers ? bounds.ofIntegers() : bounds);
  }

  /** About how many states there will be, times what one of them takes. */
  static int cost(NumberBounds bounds) {
    int digits = digits(bounds.low()) + digits(bounds.high());
    int behind = scale(bounds.low()) + scale(bounds.high());
    return 4 * (digits * digits + behind);
  }

  private Lexeme build(NumberBounds bounds) {
    int start = states.add(false);
    int minus = states.add(false);
    states.on(start, '-', minus);
    magnitudes(start, bounds.unsigned());
    // The bounds of integers end before their high; without the sign they begin after it.
    magnitudes(minus, integers ? negatedIntegers(bounds) : bounds.negated());
    return states.build();
  }

  private static NumberBounds negatedIntegers(NumberBounds bounds) {
    return bounds.negated().ofIntegers();
  }

  private void magnitudes(int start, NumberBounds bounds) {
    Map<String, Integer> known = new HashMap<>();
    for (char digit = '0'; digit <= '9'; digit++) {
      Prefix first = new Prefix(Form.WHOLE, BigDecimal.valueOf(digit - '0'), 1);
      go(start, digit, first, bounds, known);
    }
    while (!open.isEmpty()) {
      Open next = open.remove();
      expand(next.state, next.prefix, bounds, known);
    }
  }

  private void expand(int state, Prefix prefix, NumberBounds bounds, Map<String, Integer> known) {
    boolean zero = prefix.form == Form.WHOLE && prefix.value.signum() == 0;
    for (char digit = '0'; digit <= '9' && !zero; digit++) {
      go(state, digit, longer(prefix, digit - '0'), bounds, known);
    }
    if (prefix.form == Form.WHOLE && !integers) {
      go(state, '.', new Prefix(Form.POINT, prefix.value, 0), bounds, known);
    }
  }

  private static Prefix longer(Prefix prefix, int digit) {
    return switch (prefix.form) {
      case WHOLE ->
          new Prefix(
              Form.WHOLE,
              prefix.value.movePointRight(1).setScale(0).add(BigDecimal.valueOf(digit)),
              prefix.digits + 1);
      case POINT, FRACTION ->
          new Prefix(
              Form.FRACTION,
              prefix.value.add(BigDecimal.valueOf(digit, prefix.digits + 1)),
              prefix.digits + 1);
    };
  }

  private void go(
      int from, char octet, Prefix to, NumberBounds bounds, Map<String, Integer> known) {
    String key = key(to, bounds);
    if (key.isEmpty()) {
      return;
    }
    Integer state = known.get(key);
    if (state == null) {
      state = states.add(to.form != Form.POINT && bounds.holds(to.value));
      known.put(key, state);
      open.add(new Open(state, to));
    }
    states.on(from, octet, state);
  }

  /** The same for prefixes after which the same may follow; empty where nothing may. */
  private static String key(Prefix prefix, NumberBounds bounds) {
    return switch (prefix.form) {
      case WHOLE -> wholeKey(prefix, bounds);
      case POINT -> {
        String one = block(prefix.value, BigDecimal.ONE, bounds);
        yield one.equals("n") ? "" : one.equals("p") ? "." + prefix.value : ".";
      }
      case FRACTION -> fractionKey(prefix, bounds);
    };
  }

  private static String wholeKey(Prefix prefix, NumberBounds bounds) {
    boolean zero = prefix.value.signum() == 0;
    int longest = Math.max(digits(bounds.low()), digits(bounds.high())) + 1;
    String blocks = "";
    BigDecimal unit = BigDecimal.ONE;
    for (int more = 0; prefix.digits + more <= Math.max(longest, prefix.digits); more++) {
      blocks += block(prefix.value.multiply(unit), unit, bounds);
      unit = unit.movePointRight(1).setScale(0);
      if (zero) {
        break;
      }
    }
    if (blocks.chars().allMatch(block -> block == 'n')) {
      return "";
    }
    if (blocks.contains("p")) {
      return "=" + prefix.value;
    }
    boolean endless = bounds.high() == null && blocks.charAt(0) == 'f' && !zero;
    return endless ? "f*" : (zero ? "0" : "") + blocks;
  }

  private static String fractionKey(Prefix prefix, NumberBounds bounds) {
    String one = block(prefix.value, BigDecimal.ONE.movePointLeft(prefix.digits), bounds);
    if (!one.equals("p")) {
      return one.equals("n") ? "" : ".f";
    }
    if (prefix.digits < Math.max(scale(bounds.low()), scale(bounds.high()))) {
      return "." + prefix.value.toPlainString();
    }
    // Exactly a bound, to its last digit: it may end here or must not, and zeros change nothing.
    return bounds.holds(prefix.value) ? ".high" : ".low";
  }

  /** How the numbers from a value up to, and without, one unit more lie: full, none, partly. */
  private static String block(BigDecimal value, BigDecimal unit, NumberBounds bounds) {
    BigDecimal end = value.add(unit);
    return bounds.holdsAll(value, end) ? "f" : bounds.holdsNone(value, end) ? "n" : "p";
  }

  private static int digits(@Nullable BigDecimal bound) {
    return bound == null ? 0 : Math.max(1, bound.precision() - bound.scale());
  }

  private static int scale(@Nullable BigDecimal bound) {
    return bound == null ? 0 : Math.max(0, bound.scale());
  }
}
