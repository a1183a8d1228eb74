package io.trimtab.engine.constraint;

import java.util.Arrays;

/**
 * Which tokens one answer may go on with. End tokens may come where the text is complete, and
 * nowhere else. One thread: that of the step loop.
 */
public final class TokenConstraint {
  private final Automaton automaton;
  private final int[] ends;
  private State state;

  /**
   * @param ends tokens that end the answer, ascending
   */
  TokenConstraint(Automaton automaton, int[] ends) {
    this.automaton = automaton;
    this.ends = ends;
    // Not here, on another thread than the automaton's.
    this.state = UNBEGUN;
  }

  private static final State UNBEGUN = new State(new Frame[0], false, 0, 0);

  private State state() {
    if (state == UNBEGUN) {
      state = automaton.start();
    }
    return state;
  }

  /** Whether the token may come next. */
  public boolean admits(int token) {
    State at = state();
    if (isEnd(token) && at.complete) {
      return true;
    }
    long[] known = automaton.knownTokens(at);
    return known == null ? !automaton.after(at, token).isDead() : isSet(known, token);
  }

  /**
   * Makes the logits of all tokens that may not come -infinity.
   *
   * @param logits of the whole vocabulary by id
   */
  public void mask(float[] logits, int vocabulary) {
    State at = state();
    long[] tokens = automaton.tokens(at);
    for (int word = 0; word < tokens.length; word++) {
      long barred = ~tokens[word];
      int first = word * Long.SIZE;
      int last = Math.min(first + Long.SIZE, vocabulary) - first;
      if (barred == -1L && !at.complete) {
        Arrays.fill(logits, first, first + last, Float.NEGATIVE_INFINITY);
        continue;
      }
      while (barred != 0) {
        int bit = Long.numberOfTrailingZeros(barred);
        barred &= barred - 1;
        if (bit < last && !(at.complete && isEnd(first + bit))) {
          logits[first + bit] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  /**
   * Moves on: the token is part of the answer.
   *
   * @throws IllegalStateException for one that may not come
   */
  public void accept(int token) {
    State at = state();
    if (isEnd(token) && at.complete) {
      return;
    }
    State next = automaton.after(at, token);
    if (next.isDead()) {
      throw new IllegalStateException("Token %d may not come here".formatted(token));
    }
    state = next;
  }

  /** Whether the text is complete: it may end here. */
  public boolean isComplete() {
    return state().complete;
  }

  private boolean isEnd(int token) {
    return Arrays.binarySearch(ends, token) >= 0;
  }

  private static boolean isSet(long[] tokens, int token) {
    return (tokens[token >> 6] & 1L << token) != 0;
  }
}
