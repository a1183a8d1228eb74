package io.trimtab.engine.constraint;

import java.util.Arrays;
import java.util.BitSet;

/**
 * A finite automaton over bytes for what has no value inside: a number, a word, one of a list.
 * Deterministic; from every state an accepted end can be reached. State 0 is the first. Immutable.
 *
 * @param first index of each state's first transition, and one past the last of all
 * @param octets of the transitions, ascending within a state
 * @param targets of the transitions
 * @param accepting states in which the text may end
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Lexeme(int[] first, byte[] octets, int[] targets, BitSet accepting) {
  static final int DEAD = -1;

  /** A number of RFC 8259; its exponent has at most three digits, which is all a double needs. */
  static final Lexeme NUMBER = number(true);

  /** A number without fraction and exponent. */
  static final Lexeme INTEGER = number(false);

  static final Lexeme NULL = LexemeBuilder.words("null");
  static final Lexeme BOOLEAN = LexemeBuilder.words("true", "false");

  private static Lexeme number(boolean fractions) {
    LexemeBuilder states = new LexemeBuilder();
    int start = states.add(false);
    int minus = states.add(false);
    int zero = states.add(true);
    int digits = states.add(true);
    states.on(start, '-', minus);
    for (int state : new int[] {start, minus}) {
      states.on(state, '0', zero);
      states.on(state, '1', '9', digits);
    }
    states.on(digits, '0', '9', digits);
    if (fractions) {
      int point = states.add(false);
      int fraction = states.add(true);
      int exponent = states.add(false);
      int sign = states.add(false);
      int[] exponents = {states.add(true), states.add(true), states.add(true)};
      for (int state : new int[] {zero, digits, fraction}) {
        states.on(state, 'e', exponent);
        states.on(state, 'E', exponent);
      }
      states.on(zero, '.', point);
      states.on(digits, '.', point);
      states.on(point, '0', '9', fraction);
      states.on(fraction, '0', '9', fraction);
      states.on(exponent, '+', sign);
      states.on(exponent, '-', sign);
      states.on(exponent, '0', '9', exponents[0]);
      states.on(sign, '0', '9', exponents[0]);
      states.on(exponents[0], '0', '9', exponents[1]);
      states.on(exponents[1], '0', '9', exponents[2]);
    }
    return states.build();
  }

  /** The state after a byte (0 to 255), or {@link #DEAD}. */
  int next(int state, int octet) {
    int at = Arrays.binarySearch(octets, first[state], first[state + 1], (byte) octet);
    return at < 0 ? DEAD : targets[at];
  }

  boolean accepts(int state) {
    return accepting.get(state);
  }

  /** Whether nothing can follow in this state. */
  boolean isOver(int state) {
    return first[state] == first[state + 1];
  }

  /** Whether there is no text at all: what a builder makes of states that reach no end. */
  boolean isEmpty() {
    return first.length == 2 && !accepting.get(0) && targets.length == 0;
  }
}
