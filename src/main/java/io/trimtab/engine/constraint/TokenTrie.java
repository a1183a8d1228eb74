package io.trimtab.engine.constraint;

import io.trimtab.model.text.TextTokenizer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The tokens of a vocabulary by their bytes, as a trie in arrays: its places in the order of a walk
 * that goes down first, each with the end of what is below it. Tokens without bytes (special ones)
 * are not in it. Immutable.
 */
final class TokenTrie {
  private final byte[][] bytes;
  private final byte[] octets;
  private final short[] depths;
  private final int[] ends;

  /** Tokens in the order of their places. */
  private final int[] tokens;

  /** Index in {@link #tokens} of a place's first one, and one past the last of all. */
  private final int[] starts;

  /**
   * Bytes of the longest way down from a place, its own included, if every one of them is a plain
   * character of a JSON string; else 0.
   */
  private final short[] plain;

  private final int longest;
  private int places;

  /**
   * The tokenizer's.
   *
   * @param vocabulary rows of the language model's head; those without a token are never admitted
   */
  static TokenTrie of(TextTokenizer tokenizer, int vocabulary) {
    byte[][] bytes = new byte[vocabulary][];
    for (int token = 0; token < vocabulary; token++) {
      bytes[token] = tokenizer.bytesOf(token);
    }
    return new TokenTrie(bytes);
  }

  /**
   * @param bytes of each token by id; none where it may never come
   */
  TokenTrie(byte[][] bytes) {
    this.bytes = bytes;
    this.longest = Arrays.stream(bytes).mapToInt(token -> token.length).max().orElse(0);
    this.tokens =
        IntStream.range(0, bytes.length)
            .filter(token -> bytes[token].length > 0)
            .boxed()
            .sorted(Comparator.comparing(token -> bytes[token], Arrays::compareUnsigned))
            .mapToInt(Integer::intValue)
            .toArray();
    int capacity = capacity();
    this.octets = new byte[capacity];
    this.depths = new short[capacity];
    this.ends = new int[capacity];
    this.starts = new int[capacity + 1];
    this.plain = new short[capacity];
    int[] open = new int[longest + 1];
    byte[] before = new byte[0];
    for (int token : tokens) {
      add(bytes[token], before, open);
      before = bytes[token];
    }
    close(open, before.length, 0);
    for (int place = 0; place < places; place++) {
      starts[place + 1] += starts[place];
    }
    for (int place = places - 1; place >= 0; place--) {
      plain[place] = plain(place);
    }
  }

  private int capacity() {
    int count = 0;
    byte[] before = new byte[0];
    for (int token : tokens) {
      count += bytes[token].length - common(before, bytes[token]);
      before = bytes[token];
    }
    return count;
  }

  private void add(byte[] own, byte[] before, int[] open) {
    int common = common(before, own);
    close(open, before.length, common);
    for (int at = common; at < own.length; at++) {
      octets[places] = own[at];
      depths[places] = (short) (at + 1);
      open[at + 1] = places++;
    }
    starts[open[own.length] + 1]++;
  }

  /** Nothing more comes below the open places deeper than that. */
  private void close(int[] open, int depth, int until) {
    for (int at = depth; at > until; at--) {
      ends[open[at]] = places;
    }
  }

  private short plain(int place) {
    int below = JsonText.isPlain(octets[place] & 0xFF) ? 0 : Short.MAX_VALUE;
    for (int child = place + 1; child < ends[place]; child = ends[child]) {
      below = Math.max(below, plain[child] == 0 ? Short.MAX_VALUE : plain[child]);
    }
    return (short) (below == Short.MAX_VALUE ? 0 : below + 1);
  }

  private static int common(byte[] one, byte[] other) {
    int mismatch = Arrays.mismatch(one, other);
    return mismatch < 0 ? one.length : mismatch;
  }

  /** Bytes of the longest token. */
  int longest() {
    return longest;
  }

  /** Ids, those without a token included. */
  int size() {
    return bytes.length;
  }

  byte[] bytes(int token) {
    return bytes[token];
  }

  /** The tokens that may come in a state, a bit each. */
  long[] admitted(Automaton automaton, State from) {
    long[] admitted = new long[(bytes.length + Long.SIZE - 1) / Long.SIZE];
    // Of this walk alone: what lies in it would keep the states of other ages.
    State[] path = new State[longest + 1];
    path[0] = from;
    int place = 0;
    while (place < places) {
      int depth = depths[place];
      State above = path[depth - 1];
      if (plain[place] > 0 && plain[place] <= above.room) {
        // Inside of a string, and so is everything below.
        admit(admitted, starts[place], starts[ends[place]]);
        place = ends[place];
        continue;
      }
      State state = automaton.next(above, octets[place] & 0xFF);
      if (state.isDead()) {
        place = ends[place];
        continue;
      }
      path[depth] = state;
      admit(admitted, starts[place], starts[place + 1]);
      place++;
    }
    return admitted;
  }

  private void admit(long[] admitted, int from, int to) {
    for (int at = from; at < to; at++) {
      admitted[tokens[at] >> 6] |= 1L << tokens[at];
    }
  }
}
