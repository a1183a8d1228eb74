package io.trimtab.engine.sampling;

import java.util.Arrays;

/**
 * How often each token is in an answer, for the tokens that are in its prompt or answer. Memory and
 * visits grow with the number of different tokens, not with the vocabulary.
 */
final class TokenCounts {
  /** Sees each token once, in no order that means anything. */
  @FunctionalInterface
  interface Visitor {
    void visit(int token, int inAnswer);
  }

  private static final int FREE = -1;
  private static final int CAPACITY_FIRST = 64;
  private static final int HASH = 0x9E3779B9;

  // Open addressing, linear probing; the capacity is a power of two and at least half is free.
  private int[] tokens = new int[CAPACITY_FIRST];
  private int[] inAnswer = new int[CAPACITY_FIRST];
  private int size;

  TokenCounts() {
    Arrays.fill(tokens, FREE);
  }

  /** Takes in a token of the prompt, 0 and above. */
  void prompt(int token) {
    place(token);
  }

  /** Takes in a token of the answer, 0 and above. */
  void answer(int token) {
    int place = place(token); // first, since it may replace the arrays
    inAnswer[place]++;
  }

  void forEach(Visitor visitor) {
    for (int place = 0; place < tokens.length; place++) {
      if (tokens[place] != FREE) {
        visitor.visit(tokens[place], inAnswer[place]);
      }
    }
  }

  private int place(int token) {
    int place = find(token);
    if (tokens[place] == token) {
      return place;
    }
    if (2 * (size + 1) > tokens.length) {
      grow();
      place = find(token);
    }
    tokens[place] = token;
    size++;
    return place;
  }

  /** The place of the token, or the free one where it belongs. */
  private int find(int token) {
    int place = (token * HASH) >>> (Integer.numberOfLeadingZeros(tokens.length) + 1);
    while (tokens[place] != FREE && tokens[place] != token) {
      place = (place + 1) & (tokens.length - 1);
    }
    return place;
  }

  private void grow() {
    int[] oldTokens = tokens;
    int[] oldCounts = inAnswer;
    tokens = new int[2 * oldTokens.length];
    inAnswer = new int[tokens.length];
    Arrays.fill(tokens, FREE);
    for (int old = 0; old < oldTokens.length; old++) {
      if (oldTokens[old] != FREE) {
        int place = find(oldTokens[old]);
        tokens[place] = oldTokens[old];
        inAnswer[place] = oldCounts[old];
      }
    }
  }
}
