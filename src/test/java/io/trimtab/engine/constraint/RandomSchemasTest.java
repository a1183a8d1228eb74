package io.trimtab.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.trimtab.engine.constraint.RandomSchemas.Drawn;
import io.trimtab.model.text.SpecialTokens;
import io.trimtab.model.text.TextTokenizer;
import io.trimtab.testing.Shared;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random schemas against a validator that shares nothing with the automaton: what a random speaker
 * says is valid, and what is valid may be said.
 */
class RandomSchemasTest {
  private static final int SCHEMAS = 300;

  /** A speaker that does not come to an end by then is no sign of anything. */
  private static final int TOKENS_MAX = 4000;

  private static final String[] FOLDERS = {
    "models/dinghy-llava", "reference/llava-1.5", "reference/qwen2_5-vl"
  };

  private static final TextTokenizer[] TOKENIZERS = new TextTokenizer[FOLDERS.length];
  private static final TokenTrie[] TRIES = new TokenTrie[FOLDERS.length];

  static {
    for (int folder = 0; folder < FOLDERS.length; folder++) {
      TOKENIZERS[folder] = TextTokenizer.read(Shared.path(FOLDERS[folder]));
      TRIES[folder] = TokenTrie.of(TOKENIZERS[folder], TOKENIZERS[folder].vocabularySize());
    }
  }

  @AfterAll
  static void close() {
    for (TextTokenizer tokenizer : TOKENIZERS) {
      tokenizer.close();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whatIsSaidIsValid(int folder) throws JsonProcessingException {
    int ended = 0;
    for (int seed = 0; seed < SCHEMAS; seed++) {
      JsonNode schema = drawn(seed).schema();
      String said = speak(schema.toString(), folder, new Random(seed));
      if (!said.isEmpty()) {
        ended++;
        assertThat(validator(schema).validate(RandomSchemas.JSON.readTree(said)))
            .as("seed %d: %s said %s", seed, schema, said)
            .isEmpty();
      }
    }
    assertThat(ended).isGreaterThan(SCHEMAS * 9 / 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whatIsValidMayBeSaid(int folder) {
    for (int seed = 0; seed < SCHEMAS; seed++) {
      Drawn drawn = drawn(seed);
      assertThat(validator(drawn.schema()).validate(drawn.value())).isEmpty();
      String text = drawn.value().toString();
      int[] tokens = TOKENIZERS[folder].encodePlain(text);
      if (!TOKENIZERS[folder].decode(tokens, SpecialTokens.KEEP).equals(text)) {
        // The tokenizer normalizes what it reads: this text has no tokens.
        continue;
      }
      TokenConstraint constraint = constraint(drawn.schema().toString(), folder);
      for (int token : tokens) {
        assertThat(constraint.admits(token))
            .as("seed %d: %s has %s, token %d", seed, drawn.schema(), text, token)
            .isTrue();
        constraint.accept(token);
      }
      assertThat(constraint.isComplete()).as("%s in %s", text, drawn.schema()).isTrue();
    }
  }

  private static Drawn drawn(int seed) {
    RandomSchemas schemas = new RandomSchemas(seed);
    return seed % 5 == 0 ? schemas.recursive() : schemas.draw(3);
  }

  /** Picks among the admitted tokens; the shortest way out once it has said much. */
  private static String speak(String schema, int folder, Random random) {
    int vocabulary = TRIES[folder].size();
    TokenConstraint constraint = constraint(schema, folder);
    float[] logits = new float[vocabulary];
    StringBuilder bytes = new StringBuilder();
    for (int said = 0; said < TOKENS_MAX; said++) {
      java.util.Arrays.fill(logits, 0);
      constraint.mask(logits, vocabulary);
      int[] admitted =
          java.util.stream.IntStream.range(0, vocabulary).filter(id -> logits[id] == 0).toArray();
      if (constraint.isComplete() && (admitted.length == 0 || random.nextInt(4) == 0)) {
        return new String(
            bytes.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      }
      if (admitted.length == 0) {
        return fail("Nothing may follow %s in %s", bytes, schema);
      }
      int token = pick(admitted, folder, random);
      assertThat(constraint.admits(token)).isTrue();
      constraint.accept(token);
      bytes.append(new String(TRIES[folder].bytes(token), StandardCharsets.ISO_8859_1));
    }
    return "";
  }

  /** Every other time a token that ends something, where one may come. */
  private static int pick(int[] admitted, int folder, Random random) {
    if (random.nextBoolean()) {
      for (int token : admitted) {
        byte last = TRIES[folder].bytes(token)[TRIES[folder].bytes(token).length - 1];
        if (last == '}' || last == ']' || last == '"') {
          return token;
        }
      }
    }
    return admitted[random.nextInt(admitted.length)];
  }

  private static TokenConstraint constraint(String schema, int folder) {
    return new TokenConstraint(
        new Automaton(SchemaCompiler.compile(schema), TRIES[folder], Automaton.STATES_MAX, 1 << 20),
        new int[0]);
  }

  private static JsonSchema validator(JsonNode schema) {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema);
  }
}
