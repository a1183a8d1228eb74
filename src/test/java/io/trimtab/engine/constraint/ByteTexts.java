package io.trimtab.engine.constraint;

import java.nio.charset.StandardCharsets;

/** A grammar read byte by byte, with a vocabulary of the 256 bytes. */
final class ByteTexts {
  private final Automaton automaton;

  ByteTexts(Grammar grammar) {
    automaton = new Automaton(grammar, bytes(), Automaton.STATES_MAX, 1 << 20);
  }

  static ByteTexts of(String schema) {
    return new ByteTexts(SchemaCompiler.compile(schema));
  }

  static TokenTrie bytes() {
    byte[][] tokens = new byte[256][];
    for (int octet = 0; octet < 256; octet++) {
      tokens[octet] = new byte[] {(byte) octet};
    }
    return new TokenTrie(tokens);
  }

  /** Whether the text is one that may end here. */
  boolean accepts(String text) {
    State state = after(text);
    return !state.isDead() && state.complete;
  }

  /** Whether the text is the beginning of one. */
  boolean begins(String text) {
    return !after(text).isDead();
  }

  /** Whether the text is complete and nothing may follow it. */
  boolean ends(String text) {
    State state = after(text);
    for (int octet = 0; octet < 256; octet++) {
      if (!automaton.next(state, octet).isDead()) {
        return false;
      }
    }
    return state.complete;
  }

  private State after(String text) {
    State state = automaton.start();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      state = automaton.next(state, octet & 0xFF);
    }
    return state;
  }
}
