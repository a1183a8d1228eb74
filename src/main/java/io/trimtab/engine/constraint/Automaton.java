package io.trimtab.engine.constraint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A grammar over a vocabulary: a pushdown automaton over bytes, made deterministic as it is used.
 *
 * <p>A state is reached byte by byte and kept, with its successors, so that the same byte in the
 * same place costs one look into an array. The tokens of a state are found by walking a trie of the
 * vocabulary once, leaving out what lies behind a byte that may not come; they are kept, too. Both
 * have limits: at the first all states are forgotten, and their tokens with them, as RE2 does, at
 * the second the eldest tokens. Whoever holds a state may go on from it all the same. A state names
 * no successor that was made after it was forgotten: a walk may reach many times more states than
 * are kept, and would keep them all by the one it began with.
 *
 * <p>Counts of characters and elements are part of a state. As far as one token is concerned, more
 * than its longest text has bytes is as good as any number, so that a state with large counts takes
 * the tokens of its twin, in which they are cut.
 *
 * <p>One thread: that of the step loop.
 */
final class Automaton {
  /** About a kilobyte each. */
  static final int STATES_MAX = 2048;

  /** Alternatives followed at once; of more, the first: answers stay right, some become rarer. */
  static final int FRAMES_MAX = 256;

  private final Grammar grammar;
  private final TokenTrie vocabulary;
  private final int statesMax;
  private final long tokenBytesMax;
  private final Frames frames = new Frames();
  private final Steps steps;
  private final Map<List<Integer>, State> states = new HashMap<>();
  private final ArrayDeque<State> withTokens = new ArrayDeque<>();
  private long tokenBytes;
  private int age;
  private @Nullable State start;

  /**
   * @param statesMax most states kept
   * @param tokenBytesMax bytes of tokens kept
   */
  Automaton(Grammar grammar, TokenTrie vocabulary, int statesMax, long tokenBytesMax) {
    this.grammar = grammar;
    this.vocabulary = vocabulary;
    this.statesMax = statesMax;
    this.tokenBytesMax = tokenBytesMax;
    this.steps = new Steps(grammar, frames);
  }

  /** Before the first byte. */
  State start() {
    State known = start;
    if (known == null) {
      known = state(List.of(frames.start(grammar.root(), null)));
      start = known;
    }
    return known;
  }

  /** The state after a byte, 0 to 255; a dead one where it may not come. */
  State next(State state, int octet) {
    State known = state.next[octet];
    if (known == null) {
      known = step(state, octet);
      if (state.age == age) {
        state.next[octet] = known;
      }
    }
    return known;
  }

  /** The state after the bytes of a token; a dead one where it may not come or has none. */
  State after(State state, int token) {
    byte[] bytes = vocabulary.bytes(token);
    State at = bytes.length == 0 ? state(List.of()) : state;
    for (int place = 0; place < bytes.length && !at.isDead(); place++) {
      at = next(at, bytes[place] & 0xFF);
    }
    return at;
  }

  /** The tokens that may come, a bit each by id, good until the next call; not to be written to. */
  long[] tokens(State state) {
    State twin = twin(state);
    long[] known = twin.tokens;
    if (known == null) {
      known = vocabulary.admitted(this, twin);
      twin.tokens = known;
      withTokens.add(twin);
      tokenBytes += Long.BYTES * known.length;
      while (tokenBytes > tokenBytesMax && withTokens.size() > 1) {
        State eldest = withTokens.remove();
        tokenBytes -= Long.BYTES * known.length;
        eldest.tokens = null;
      }
    }
    return known;
  }

  /** The tokens where they are known already, else null. */
  long @Nullable [] knownTokens(State state) {
    State twin = state.twin;
    return twin == null ? null : twin.tokens;
  }

  int size() {
    return states.size();
  }

  long tokenBytes() {
    return tokenBytes;
  }

  private State step(State state, int octet) {
    if (states.size() >= statesMax) {
      forget();
    }
    if (state.frames.length == 1) {
      return state(steps.after(state.frames[0], octet));
    }
    Set<Frame> reached = new LinkedHashSet<>();
    for (Frame frame : state.frames) {
      reached.addAll(steps.after(frame, octet));
    }
    return state(new ArrayList<>(reached));
  }

  private void forget() {
    states.clear();
    frames.clear();
    start = null;
    age++;
    withTokens.forEach(state -> state.tokens = null);
    withTokens.clear();
    tokenBytes = 0;
  }

  private State state(List<Frame> reached) {
    List<Frame> distinct = reached.size() < 2 ? reached : List.copyOf(new LinkedHashSet<>(reached));
    int size = Math.min(distinct.size(), FRAMES_MAX);
    Integer[] ids = new Integer[size];
    for (int place = 0; place < size; place++) {
      ids[place] = distinct.get(place).id;
    }
    List<Integer> key = Arrays.asList(ids);
    State known = states.get(key);
    if (known == null) {
      known = made(distinct.subList(0, size).toArray(new Frame[0]));
      states.put(key, known);
    }
    return known;
  }

  private State made(Frame[] frames) {
    boolean complete = false;
    int room = 0;
    for (Frame frame : frames) {
      complete |= Steps.isComplete(frame, grammar);
      room = Math.max(room, Steps.room(frame, grammar));
    }
    return new State(frames, complete, room, age);
  }

  private State twin(State state) {
    State known = state.twin;
    if (known == null) {
      List<Frame> cut = new ArrayList<>();
      for (Frame frame : state.frames) {
        cut.add(cut(frame));
      }
      known = state(cut);
      known.twin = known;
      state.twin = known;
    }
    return known;
  }

  private Frame cut(Frame frame) {
    int enough = vocabulary.longest();
    Frame below = frame.below == null ? null : cut(frame.below);
    return frames.of(
        frame.part,
        frame.phase,
        frame.at,
        Math.min(frame.least, enough),
        frame.most >= enough ? Part.UNBOUNDED : frame.most,
        below,
        frame.depth);
  }
}
