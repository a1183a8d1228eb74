package io.trimtab.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.model.text.TextTokenizer;
import io.trimtab.testing.Shared;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tokens of states: those of the trie are those of reading each token, and nothing grows for ever.
 */
class AutomatonTest {
  private static final String SCHEMA =
      """
      {"type":"object","properties":{
        "name":{"type":"string","minLength":2,"maxLength":40},
        "tags":{"type":"array","items":{"enum":["red","green","größe"]},"maxItems":30},
        "more":{"anyOf":[{"type":"string","maxLength":3},{"$ref":"#"},{"type":"number"}]}},
       "required":["name"]}""";

  @Test
  void theTokensOfAStateAreThoseThatReadOneByOneMayCome() {
    try (TextTokenizer tokenizer = TextTokenizer.read(Shared.path("reference/llava-1.5"))) {
      TokenTrie trie = TokenTrie.of(tokenizer, tokenizer.vocabularySize() + 3);
      Automaton automaton = automaton(SCHEMA, trie, Automaton.STATES_MAX, 1 << 20);
      Random random = new Random(5);
      for (int walk = 0; walk < 40; walk++) {
        State state = automaton.start();
        while (!state.complete) {
          long[] tokens = automaton.tokens(state).clone();
          int[] admitted =
              IntStream.range(0, trie.size())
                  .filter(token -> (tokens[token / 64] >> token & 1) != 0)
                  .toArray();
          assertThat(admitted).isEqualTo(readOneByOne(trie, automaton, state));
          state = automaton.after(state, admitted[random.nextInt(admitted.length)]);
        }
      }
    }
  }

  private static int[] readOneByOne(TokenTrie trie, Automaton automaton, State state) {
    return IntStream.range(0, trie.size())
        .filter(token -> !automaton.after(state, token).isDead())
        .toArray();
  }

  /** A vocabulary in which tokens are long, equal, empty, and parts of characters. */
  @Test
  void tokensMayBeAnyBytes() {
    byte[][] tokens = {
      {'"'},
      {},
      {'a'},
      {'a'},
      {(byte) 0xC3},
      {(byte) 0xA9},
      {(byte) 0xC3, (byte) 0xA9, '"'},
      "\"aé\"".getBytes(StandardCharsets.UTF_8),
      {(byte) 0xFF},
      {'a', '"', '}'},
      "aaaa".getBytes(StandardCharsets.UTF_8)
    };
    Automaton automaton =
        automaton("{\"type\":\"string\",\"maxLength\":3}", new TokenTrie(tokens), 100, 1000);
    State state = automaton.start();
    assertThat(admitted(automaton, state)).containsExactly(0, 7);
    state = automaton.after(state, 0);
    assertThat(admitted(automaton, state)).containsExactly(0, 2, 3, 4, 6);
    state = automaton.after(state, 4);
    assertThat(admitted(automaton, state)).containsExactly(5);
    state = automaton.after(automaton.after(automaton.after(state, 5), 2), 3);
    assertThat(admitted(automaton, state)).containsExactly(0);
  }

  /** A string of a thousand characters has as many states, and a handful of token sets. */
  @Test
  void largeCountsShareTheirTokens() {
    Automaton automaton =
        automaton(
            "{\"type\":\"string\",\"minLength\":500,\"maxLength\":1000}",
            ByteTexts.bytes(),
            Automaton.STATES_MAX,
            1 << 20);
    State state = automaton.next(automaton.start(), '"');
    for (int count = 0; count < 1000; count++) {
      assertThat((automaton.tokens(state)['"' / 64] >> '"' & 1) != 0).isEqualTo(count >= 500);
      state = automaton.next(state, 'a');
    }
    assertThat(automaton.tokens(state)['a' / 64] >> 'a' & 1).isZero();
    assertThat(automaton.tokenBytes()).isLessThanOrEqualTo(5 * 256 / 8);
  }

  @Test
  void statesAndTokensHaveTheirLimits() {
    TokenTrie bytes = ByteTexts.bytes();
    Automaton automaton = automaton(SCHEMA, bytes, 50, 200);
    Random random = new Random(6);
    State state = automaton.start();
    for (int step = 0; step < 20_000; step++) {
      int[] admitted = admitted(automaton, state);
      assertThat(automaton.size()).isLessThanOrEqualTo(50 + 2);
      assertThat(automaton.tokenBytes()).isLessThanOrEqualTo(200);
      state =
          state.complete
              ? automaton.start()
              : automaton.after(state, admitted[random.nextInt(admitted.length)]);
    }
  }

  /** What is kept of a list that takes many times more states than may be kept. */
  @Test
  void statesThatAreForgottenAreNotReachable() {
    List<String> words = IntStream.range(0, 300).mapToObj(i -> i * 7919 % 1000 + "word").toList();
    byte[][] tokens = new byte[words.size() + 1][];
    for (int token = 0; token < words.size(); token++) {
      tokens[token] = words.get(token).getBytes(StandardCharsets.UTF_8);
    }
    int quote = words.size();
    tokens[quote] = new byte[] {'"'};
    String schema = words.stream().collect(Collectors.joining("\",\"", "{\"enum\":[\"", "\"]}"));
    Automaton automaton = automaton(schema, new TokenTrie(tokens), 50, 1 << 20);
    List<State> seen = new ArrayList<>();
    for (int turn = 0; turn < 100; turn++) {
      State state = automaton.after(automaton.start(), quote);
      assertThat(admitted(automaton, state)).hasSize(words.size());
      assertThat(reachable(state)).isLessThanOrEqualTo(50 + 2);
      seen.add(state);
    }
    assertThat(seen).filteredOn(state -> automaton.knownTokens(state) != null).hasSize(1);
    assertThat(automaton.tokenBytes()).isEqualTo((words.size() / 64 + 1) * Long.BYTES);
  }

  private static int reachable(State from) {
    Set<State> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<State> open = new ArrayDeque<>(List.of(from));
    while (!open.isEmpty()) {
      State state = open.remove();
      if (seen.add(state)) {
        Stream.concat(Stream.of(state.next), Stream.ofNullable(state.twin))
            .filter(Objects::nonNull)
            .forEach(open::add);
      }
    }
    return seen.size();
  }

  /**
   * Three levels of a hundred alternatives each that part at their ends alone: a million readings.
   */
  @Test
  void readingsThatMultiplyAreCutAndLeadSomewhereAllTheSame() {
    String levels =
        IntStream.range(0, 3)
            .mapToObj(AutomatonTest::level)
            .collect(Collectors.joining(",", "", ",\"level3\":{\"type\":\"integer\"}"));
    String schema = "{\"$ref\":\"#/$defs/level0\",\"$defs\":{" + levels + "}}";
    Automaton automaton = automaton(schema, ByteTexts.bytes(), Automaton.STATES_MAX, 1 << 20);
    State state = automaton.start();
    for (char octet :
        "{\"a\":{\"a\":{\"a\":1,\"z0\":null},\"z0\":null},\"z0\":null}".toCharArray()) {
      state = automaton.next(state, octet);
      assertThat(state.isDead()).isFalse();
      assertThat(state.frames.length).isLessThanOrEqualTo(Automaton.FRAMES_MAX);
    }
    assertThat(state.complete).isTrue();
  }

  private static String level(int level) {
    return IntStream.range(0, 100)
        .mapToObj(
            i ->
                """
                {"type":"object","additionalProperties":false,"required":["a","z%d"],
                 "properties":{"a":{"$ref":"#/$defs/level%d"},"z%d":{"type":"null"}}}"""
                    .formatted(i, level + 1, i))
        .collect(Collectors.joining(",", "\"level" + level + "\":{\"anyOf\":[", "]}"));
  }

  private static int[] admitted(Automaton automaton, State state) {
    long[] tokens = automaton.tokens(state);
    return IntStream.range(0, tokens.length * 64)
        .filter(token -> (tokens[token / 64] >> token & 1) != 0)
        .toArray();
  }

  private static Automaton automaton(
      String schema, TokenTrie trie, int statesMax, long tokenBytesMax) {
    return new Automaton(SchemaCompiler.compile(schema), trie, statesMax, tokenBytesMax);
  }
}
