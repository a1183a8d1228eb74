package io.trimtab.adapter.peft;

import java.util.BitSet;

/** The sets of ASCII characters that regular expressions name; not to be changed. */
final class AsciiSets {
  private static final int SIZE = 128;

  static final BitSet DIGIT = range('0', '9');
  static final BitSet WORD = union(range('a', 'z'), range('A', 'Z'), DIGIT, range('_', '_'));
  static final BitSet SPACE = union(range('\t', '\r'), range(' ', ' '));

  /** What {@code .} reads. */
  static final BitSet NO_LINE_END = complement(range('\n', '\n'));

  private AsciiSets() {}

  /** Both ends included; what lies beyond ASCII is left out, as names have none. */
  static BitSet range(int first, int last) {
    BitSet set = new BitSet(SIZE);
    if (first < SIZE) {
      set.set(first, Math.min(last, SIZE - 1) + 1);
    }
    return set;
  }

  static BitSet union(BitSet... sets) {
    BitSet union = new BitSet(SIZE);
    for (BitSet set : sets) {
      union.or(set);
    }
    return union;
  }

  static BitSet complement(BitSet set) {
    BitSet complement = new BitSet(SIZE);
    complement.set(0, SIZE);
    complement.andNot(set);
    return complement;
  }

  /** The same with the other case of each letter. */
  static BitSet bothCases(BitSet set) {
    BitSet both = new BitSet(SIZE);
    set.stream()
        .forEach(
            character -> {
              both.set(Character.toLowerCase(character));
              both.set(Character.toUpperCase(character));
            });
    return both;
  }
}
