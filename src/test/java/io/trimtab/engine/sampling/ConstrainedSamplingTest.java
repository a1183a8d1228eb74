package io.trimtab.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.Sampling;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.engine.constraint.Constraints;
import io.trimtab.engine.constraint.TokenConstraint;
import io.trimtab.engine.sampling.LogitsRow.Coverage;
import io.trimtab.model.text.TextTokenizer;
import io.trimtab.testing.Shared;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Sampling under a constraint is sampling from the row without what the constraint bars. */
class ConstrainedSamplingTest {
  private static final TextTokenizer TOKENIZER =
      TextTokenizer.read(Shared.path("models/dinghy-llava"));
  private static final int VOCABULARY = TOKENIZER.vocabularySize();
  private static final int[] ENDS = {TOKENIZER.specialId("<|im_end|>").orElseThrow()};
  private static final Constraints CONSTRAINTS = new Constraints(TOKENIZER, VOCABULARY);
  private static final ResponseFormat FORMAT =
      new ResponseFormat.JsonSchema(
          """
          {"type":"array","items":{"enum":["red","green",1,12,123]},"maxItems":3}""");

  private final SamplingWorkspace workspace = new SamplingWorkspace(VOCABULARY);

  @AfterAll
  static void close() {
    TOKENIZER.close();
  }

  @Test
  void everyChoiceIsThatOfTheMaskedRow() {
    int fromBest = 0;
    for (int seed = 0; seed < 400; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Sampling how = sampling(random).seed(seed);
      Sampler sampler =
          new Sampler(how.parameters(), VOCABULARY, new int[0], ENDS, CONSTRAINTS.of(FORMAT, ENDS));
      TokenConstraint twin = CONSTRAINTS.of(FORMAT, ENDS).orElseThrow();
      int[] answer = new int[0];
      int chosen = -1;
      while (chosen != ENDS[0]) {
        float[] row = row(random, twin);
        float[] masked = row.clone();
        twin.mask(masked, VOCABULARY);
        assertThat(sampler.needs()).isEqualTo(Coverage.FULL);
        chosen = sampler.sample(Rows.full(row), workspace);
        if (how.temperature() == 0) {
          assertThat(chosen).isEqualTo(best(masked));
          fromBest++;
        } else {
          double uniform = new UniformSequence(seed).at(answer.length);
          NaiveSampling naive =
              NaiveSampling.of(masked, how.parameters(), new int[0], ENDS, answer);
          // As in SamplerTest: nearer to a boundary either answer is right.
          if (naive.distance(uniform) > 1e-9) {
            assertThat(chosen).as("seed %d %s", seed, how).isEqualTo(naive.draw(uniform));
          }
        }
        sampler.accepted(chosen);
        twin.accept(chosen);
        answer = IntStream.concat(IntStream.of(answer), IntStream.of(chosen)).toArray();
      }
      assertThat(twin.isComplete()).isTrue();
    }
    assertThat(fromBest).isPositive();
  }

  @Test
  void logprobsAreThoseOfTheMaskedRow() {
    for (int seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      TokenConstraint constraint = CONSTRAINTS.of(FORMAT, ENDS).orElseThrow();
      for (int step = 0; step < 4; step++) {
        float[] row = row(random, constraint);
        float[] masked = row.clone();
        constraint.mask(masked, VOCABULARY);
        double sum = 0;
        for (float logit : masked) {
          sum += Math.exp(logit);
        }
        int token = best(masked);
        for (int alternatives : new int[] {0, 3, 64}) {
          TokenLogprob logprob =
              AdmittedLogprobs.of(
                  token,
                  Rows.full(row),
                  constraint,
                  workspace,
                  TOKENIZER.newStream(),
                  alternatives);
          // What the best alone say is allowed to be off by a hundred-thousandth.
          assertThat((double) logprob.logprob())
              .isCloseTo(masked[token] - Math.log(sum), within(2e-5));
          assertThat(logprob.top())
              .hasSize(
                  (int)
                      Math.min(
                          alternatives,
                          IntStream.range(0, VOCABULARY)
                              .filter(id -> masked[id] > Float.NEGATIVE_INFINITY)
                              .count()));
          if (alternatives > 0) {
            assertThat(logprob.top().getFirst().token()).isEqualTo(token);
            assertThat(logprob.top()).allMatch(top -> masked[top.token()] > -1e30f);
          }
        }
        if (constraint.isComplete()) {
          break;
        }
        constraint.accept(token);
      }
    }
  }

  /** A bias lifts what may come over what may, and nothing over the form. */
  @Test
  void aBiasBringsNothingInThatMayNotCome() {
    int word = TOKENIZER.encodePlain("x")[0];
    Sampler sampler =
        new Sampler(
            Sampling.GREEDY.bias(Map.of(word, 100f)).parameters(),
            VOCABULARY,
            new int[0],
            ENDS,
            CONSTRAINTS.of(FORMAT, ENDS));
    int first = sampler.sample(Rows.full(new float[VOCABULARY]), workspace);
    assertThat(TOKENIZER.textOf(first)).startsWith("[");
  }

  @Test
  void aTokenThatMayNotComeIsABrokenInvariant() {
    TokenConstraint constraint = CONSTRAINTS.of(FORMAT, ENDS).orElseThrow();
    assertThat(constraint.admits(ENDS[0])).isFalse();
    assertThatThrownBy(() -> constraint.accept(ENDS[0])).isInstanceOf(IllegalStateException.class);
    assertThat(CONSTRAINTS.of(ResponseFormat.TEXT, ENDS)).isEmpty();
  }

  /** Logits about as a model has them: most tokens low, and what may come often among the best. */
  private static float[] row(SplittableRandom random, TokenConstraint constraint) {
    float[] row = new float[VOCABULARY];
    for (int id = 0; id < VOCABULARY; id++) {
      row[id] = (float) (random.nextGaussian() * 3);
    }
    if (random.nextBoolean()) {
      int likely = random.nextInt(VOCABULARY);
      for (int id = 0; id < VOCABULARY; id++) {
        int at = (likely + id) % VOCABULARY;
        if (constraint.admits(at)) {
          row[at] += 25;
          break;
        }
      }
    }
    return row;
  }

  private static int best(float[] logits) {
    int best = 0;
    for (int id = 1; id < logits.length; id++) {
      best = logits[id] > logits[best] ? id : best;
    }
    return best;
  }

  private static Sampling sampling(SplittableRandom random) {
    return Sampling.PLAIN
        .temperature(random.nextInt(3) == 0 ? 0 : random.nextDouble(0.3, 3))
        .topP(random.nextInt(2) == 0 ? 1 : random.nextDouble(0.1, 1))
        .topK(random.nextInt(2) * random.nextInt(1, 90))
        .minP(random.nextInt(2) * random.nextDouble(0.3))
        .minTokens(0, List.of());
  }
}
