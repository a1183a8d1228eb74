package io.trimtab.engine.constraint;

import java.util.Arrays;

/**
 * The bytes between the quotes of a JSON string, as a table from state and byte to state. Bytes are
 * well-formed UTF-8 (RFC 3629); escapes are those of RFC 8259, surrogates in pairs. A character, be
 * it raw, escaped or a pair of escapes, begins where {@link #BASE} is left and ends where it is
 * reached.
 */
final class JsonText {
  /** Between two characters: the only state in which a quote ends the string. */
  static final int BASE = 0;

  static final int DEAD = -1;

  private static final int ESCAPE = 1;
  private static final int TAIL_1 = 2;
  private static final int TAIL_2 = 3;
  private static final int TAIL_3 = 4;
  private static final int TAIL_AFTER_E0 = 5;
  private static final int TAIL_AFTER_ED = 6;
  private static final int TAIL_AFTER_F0 = 7;
  private static final int TAIL_AFTER_F4 = 8;
  private static final int HEX_4 = 9;
  private static final int HEX_3 = 10;
  private static final int HEX_2 = 11;
  private static final int HEX_1 = 12;
  private static final int HEX_AFTER_D = 13;
  private static final int HIGH_2 = 14;
  private static final int HIGH_1 = 15;
  private static final int LOW_BACKSLASH = 16;
  private static final int LOW_U = 17;
  private static final int LOW_D = 18;
  private static final int LOW_SECOND = 19;
  private static final int STATES = 20;

  /** Every spelling of every string. */
  static final JsonText ANY = new JsonText(true);

  /**
   * One spelling of each string, that of compact writers; without the characters that need {@code
   * \\u}. For names that must not be one of a list: no name has a second spelling here.
   */
  static final JsonText CANONICAL = new JsonText(false);

  private final byte[][] next = new byte[STATES][256];

  private JsonText(boolean allSpellings) {
    for (byte[] row : next) {
      Arrays.fill(row, (byte) DEAD);
    }
    range(BASE, 0x20, 0x7F, BASE);
    next[BASE]['"'] = DEAD;
    next[BASE]['\\'] = ESCAPE;
    characters();
    for (char escaped : "\"\\bfnrt".toCharArray()) {
      next[ESCAPE][escaped] = BASE;
    }
    if (allSpellings) {
      next[ESCAPE]['/'] = BASE;
      next[ESCAPE]['u'] = HEX_4;
      escapes();
    }
  }

  private void characters() {
    range(BASE, 0xC2, 0xDF, TAIL_1);
    range(BASE, 0xE1, 0xEF, TAIL_2);
    range(BASE, 0xF1, 0xF3, TAIL_3);
    next[BASE][0xE0] = TAIL_AFTER_E0;
    next[BASE][0xED] = TAIL_AFTER_ED;
    next[BASE][0xF0] = TAIL_AFTER_F0;
    next[BASE][0xF4] = TAIL_AFTER_F4;
    range(TAIL_1, 0x80, 0xBF, BASE);
    range(TAIL_2, 0x80, 0xBF, TAIL_1);
    range(TAIL_3, 0x80, 0xBF, TAIL_2);
    range(TAIL_AFTER_E0, 0xA0, 0xBF, TAIL_1);
    range(TAIL_AFTER_ED, 0x80, 0x9F, TAIL_1);
    range(TAIL_AFTER_F0, 0x90, 0xBF, TAIL_2);
    range(TAIL_AFTER_F4, 0x80, 0x8F, TAIL_2);
  }

  private void escapes() {
    hex(HEX_4, "0123456789abcef", HEX_3);
    hex(HEX_4, "d", HEX_AFTER_D);
    hex(HEX_3, "0123456789abcdef", HEX_2);
    hex(HEX_2, "0123456789abcdef", HEX_1);
    hex(HEX_1, "0123456789abcdef", BASE);
    hex(HEX_AFTER_D, "01234567", HEX_2);
    hex(HEX_AFTER_D, "89ab", HIGH_2);
    hex(HIGH_2, "0123456789abcdef", HIGH_1);
    hex(HIGH_1, "0123456789abcdef", LOW_BACKSLASH);
    next[LOW_BACKSLASH]['\\'] = LOW_U;
    next[LOW_U]['u'] = LOW_D;
    hex(LOW_D, "d", LOW_SECOND);
    hex(LOW_SECOND, "cdef", HEX_2);
  }

  private void range(int from, int first, int last, int to) {
    for (int octet = first; octet <= last; octet++) {
      next[from][octet] = (byte) to;
    }
  }

  private void hex(int from, String digits, int to) {
    for (char digit : digits.toCharArray()) {
      next[from][digit] = (byte) to;
      next[from][Character.toUpperCase(digit)] = (byte) to;
    }
  }

  /**
   * The state after a byte, {@link #DEAD} where none is; a quote in {@link #BASE} is not asked for.
   *
   * @param octet 0 to 255
   */
  int next(int state, int octet) {
    return next[state][octet];
  }

  /** Whether the byte is a character by itself that leads from {@link #BASE} to it. */
  static boolean isPlain(int octet) {
    return ANY.next[BASE][octet] == BASE;
  }
}
