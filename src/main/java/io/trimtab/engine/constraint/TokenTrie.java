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
  private static final int NO_TOKEN = -1;

  private final byte[][] bytes;
  private final byte[] octets;
  private final short[] depths;
  private final int[] ends;
  private final int[] tokens;

  /** Of tokens that have the same bytes, the next one. */
  private final int[] same;

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
    int[] sorted =
        IntStream.range(0, bytes.length)
            .filter(token -> bytes[token].length > 0)
            .boxed()
            .sorted(
                Comparator.<Integer, byte[]>comparing(
                        token -> bytes[token], Arrays::compareUnsigned)
                    .thenComparing(Comparator.reverseOrder()))
            .mapToInt(Integer::intValue)
            .toArray();
    int capacity = capacity(sorted);
    octets = new byte[capacity];
    depths = new short[capacity];
    ends = new int[capacity];
    tokens = new int[capacity];
    same = new int[bytes.length];
    Arrays.fill(tokens, NO_TOKEN);
    Arrays.fill(same, NO_TOKEN);
    int[] open = new int[longest + 1];
    byte[] before = new byte[0];
    for (int token : sorted) {
      add(token, before, open);
      before = bytes[token];
    }
    close(open, before.length, 0);
  }

  private int capacity(int[] sorted) {
    int count = 0;
    byte[] before = new byte[0];
    for (int token : sorted) {
      count += bytes[token].length - common(before, bytes[token]);
      before = bytes[token];
    }
    return count;
  }

  private void add(int token, byte[] before, int[] open) {
    byte[] own = bytes[token];
    int common = common(before, own);
    close(open, before.length, common);
    for (int at = common; at < own.length; at++) {
      octets[places] = own[at];
      depths[places] = (short) (at + 1);
      open[at + 1] = places++;
    }
    int place = open[own.length];
    same[token] = tokens[place];
    tokens[place] = token;
  }

  /** Nothing more comes below the open places deeper than that. */
  private void close(int[] open, int depth, int until) {
    for (int at = depth; at > until; at--) {
      ends[open[at]] = places;
    }
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

  /**
   * The tokens that may come in a state, a bit each.
   *
   * @param path room for the states on the way down, one more than {@link #longest}
   */
  long[] admitted(Automaton automaton, State from, State[] path) {
    long[] admitted = new long[(bytes.length + Long.SIZE - 1) / Long.SIZE];
    path[0] = from;
    int place = 0;
    while (place < places) {
      int depth = depths[place];
      State state = automaton.next(path[depth - 1], octets[place] & 0xFF);
      if (state.isDead()) {
        place = ends[place];
        continue;
      }
      path[depth] = state;
      for (int token = tokens[place]; token != NO_TOKEN; token = same[token]) {
        admitted[token >> 6] |= 1L << token;
      }
      place++;
    }
    return admitted;
  }
}
