package io.trimtab.engine.constraint;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;

/** Puts the states of a {@link Lexeme} together; the one that is added first is the first. */
final class LexemeBuilder {
  private final List<TreeMap<Byte, Integer>> transitions = new ArrayList<>();
  private final BitSet accepting = new BitSet();

  /** Exactly these texts. */
  static Lexeme words(String... words) {
    LexemeBuilder states = new LexemeBuilder();
    states.add(false);
    for (String word : words) {
      int state = 0;
      for (byte octet : word.getBytes(StandardCharsets.UTF_8)) {
        Integer known = states.transitions.get(state).get(octet);
        int next = known == null ? states.add(false) : known;
        states.transitions.get(state).put(octet, next);
        state = next;
      }
      states.accepting.set(state);
    }
    return states.build();
  }

  int add(boolean accepts) {
    transitions.add(new TreeMap<>());
    accepting.set(transitions.size() - 1, accepts);
    return transitions.size() - 1;
  }

  void on(int from, char octet, int to) {
    transitions.get(from).put((byte) octet, to);
  }

  void on(int from, char first, char last, int to) {
    for (char octet = first; octet <= last; octet++) {
      on(from, octet, to);
    }
  }

  /** Leaves out what leads to no end. */
  Lexeme build() {
    BitSet alive = alive();
    int[] first = new int[transitions.size() + 1];
    int count = 0;
    for (int state = 0; state < transitions.size(); state++) {
      transitions.get(state).values().removeIf(target -> !alive.get(target));
      count += transitions.get(state).size();
      first[state + 1] = count;
    }
    if (!alive.get(0)) {
      return new Lexeme(new int[2], new byte[0], new int[0], new BitSet());
    }
    byte[] octets = new byte[count];
    int[] targets = new int[count];
    int at = 0;
    for (TreeMap<Byte, Integer> row : transitions) {
      for (var transition : row.entrySet()) {
        octets[at] = transition.getKey();
        targets[at++] = transition.getValue();
      }
    }
    return new Lexeme(first, octets, targets, accepting);
  }

  private BitSet alive() {
    BitSet alive = (BitSet) accepting.clone();
    boolean grows = true;
    while (grows) {
      int before = alive.cardinality();
      for (int state = transitions.size() - 1; state >= 0; state--) {
        if (transitions.get(state).values().stream().anyMatch(alive::get)) {
          alive.set(state);
        }
      }
      grows = alive.cardinality() > before;
    }
    return alive;
  }
}
