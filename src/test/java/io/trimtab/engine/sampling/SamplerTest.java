package io.trimtab.engine.sampling;

import static io.trimtab.engine.api.Sampling.GREEDY;
import static io.trimtab.engine.api.Sampling.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.engine.api.Sampling;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.sampling.LogitsRow.Coverage;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static final int[] NONE = {};

  private final SamplingWorkspace workspace = new SamplingWorkspace(4096);

  @Test
  void greedyTakesTheBestAndTheLowestIdAmongEquals() {
    float[] row = {1, 7, -3, 7};
    Sampler sampler = sampler(GREEDY, row);
    assertThat(sampler.needs()).isEqualTo(Coverage.BEST);
    assertThat(sampler.sample(Rows.best(row), workspace)).isEqualTo(1);
    // A bias of 0 sends the same choice through the whole row.
    Sampler whole = sampler(GREEDY.bias(Map.of(0, 0f)), row);
    assertThat(whole.needs()).isEqualTo(Coverage.FULL);
    assertThat(whole.sample(Rows.full(row), workspace)).isEqualTo(1);
  }

  @Test
  void negativeAndPositiveZeroAreEqual() {
    float[] row = {-9, -0.0f, 0.0f};
    assertThat(sampled(GREEDY.bias(Map.of(0, -1f)), row, 1)).containsExactly(1);
    assertThat(sampled(PLAIN.topK(1).bias(Map.of(0, -1f)), row, 5)).containsExactly(1);
  }

  @Test
  void coverageFollowsTheParameters() {
    float[] row = new float[4096];
    assertThat(sampler(GREEDY.topP(0.5).minP(0.1), row).needs()).isEqualTo(Coverage.BEST);
    assertThat(sampler(PLAIN.topK(64).topP(0.9).minP(0.1), row).needs()).isEqualTo(Coverage.BEST);
    assertThat(sampler(PLAIN.topK(65), row).needs()).isEqualTo(Coverage.FULL);
    assertThat(sampler(PLAIN.topK(Integer.MAX_VALUE), row).needs()).isEqualTo(Coverage.FULL);
    assertThat(sampler(PLAIN, row).needs()).isEqualTo(Coverage.FULL);
    assertThat(sampler(PLAIN.topP(0.9), row).needs()).isEqualTo(Coverage.FULL);
    assertThat(sampler(GREEDY.repetition(1.1), row).needs()).isEqualTo(Coverage.FULL);
    assertThat(sampler(GREEDY.presence(-1), row).needs()).isEqualTo(Coverage.FULL);
    assertThat(sampler(GREEDY.frequency(0.1), row).needs()).isEqualTo(Coverage.FULL);
  }

  @Test
  void forbiddenTokensTakeUpRoomAmongTheBestUntilMinTokens() {
    List<Integer> stops = IntStream.range(0, 60).boxed().toList();
    float[] row = new float[4096];
    Sampler narrow = sampler(PLAIN.topK(4).minTokens(1, stops), row);
    assertThat(narrow.needs()).isEqualTo(Coverage.BEST);
    Sampler wide = sampler(PLAIN.topK(5).minTokens(1, stops), row);
    assertThat(wide.needs()).isEqualTo(Coverage.FULL);
    wide.accepted(100);
    assertThat(wide.needs()).isEqualTo(Coverage.BEST);
  }

  @Test
  void endAndStopTokensAreImpossibleBeforeMinTokens() {
    float[] row = {5, 4, 3, 2};
    int[] ends = {0};
    Sampler sampler =
        new Sampler(GREEDY.minTokens(2, List.of(1)).parameters(), row.length, NONE, ends);
    for (int expected : new int[] {2, 2, 0}) {
      assertThat(sampler.sample(Rows.best(row), workspace)).isEqualTo(expected);
      sampler.accepted(expected);
    }
  }

  @Test
  void biasDoesNotLiftAForbiddenToken() {
    float[] row = {5, 4, 3};
    Sampling how = GREEDY.minTokens(1, List.of(0)).bias(Map.of(0, 100f, 2, 100f));
    assertThat(sampled(how, row, 1)).containsExactly(2);
  }

  @Test
  void biasOfAHundredForcesAndForbids() {
    float[] row = {8, 7, 6, -8};
    assertThat(sampled(PLAIN.bias(Map.of(3, 100f)), row, 300)).containsExactly(3);
    assertThat(sampled(PLAIN.bias(Map.of(0, -100f)), row, 300)).containsExactly(1, 2);
  }

  @Test
  void hugeBiasesStayFinite() {
    float[] row = {Float.MAX_VALUE, 0, -Float.MAX_VALUE};
    Sampling how = PLAIN.bias(Map.of(0, Float.MAX_VALUE, 2, -Float.MAX_VALUE));
    assertThat(sampled(how, row, 20)).containsExactly(0);
    assertThat(sampled(PLAIN.bias(Map.of(1, Float.MAX_VALUE)), new float[] {1, 2, 3}, 20))
        .containsExactly(1);
  }

  @Test
  void repetitionDividesPositiveAndMultipliesNegativeLogitsOfPromptAndAnswer() {
    // 4 / 2 falls below 3; -1 * 2 falls below -1.5.
    assertThat(afterPrompt(GREEDY.repetition(2), new float[] {4, 3}, 0)).isEqualTo(1);
    assertThat(afterPrompt(GREEDY.repetition(2), new float[] {-1, -1.5f}, 0)).isEqualTo(1);
    assertThat(afterAnswer(GREEDY.repetition(2), new float[] {4, 3}, 0)).isEqualTo(1);
    // Once however often: 4 / 2 stays above 1.5.
    assertThat(afterAnswer(GREEDY.repetition(2), new float[] {4, 1.5f}, 0, 0, 0)).isEqualTo(0);
    // Below 1 it favours.
    assertThat(afterPrompt(GREEDY.repetition(0.5), new float[] {3, 4}, 0)).isEqualTo(0);
  }

  @Test
  void presenceCountsOnceAndFrequencyEachTimeInTheAnswerAlone() {
    float[] row = {4, 2.5f};
    assertThat(afterAnswer(GREEDY.presence(1), row, 0, 0, 0)).isEqualTo(0);
    assertThat(afterAnswer(GREEDY.presence(2), row, 0)).isEqualTo(1);
    assertThat(afterAnswer(GREEDY.frequency(1), row, 0)).isEqualTo(0);
    assertThat(afterAnswer(GREEDY.frequency(1), row, 0, 0)).isEqualTo(1);
    assertThat(afterPrompt(GREEDY.presence(2).frequency(2), row, 0, 0)).isEqualTo(0);
  }

  @Test
  void biasComesBeforeRepetitionAndRepetitionBeforeFrequency() {
    // (-1 + 5) / 2 = 2 < 2.5; the other way round -2 + 5 = 3 would win.
    Sampling biased = GREEDY.repetition(2).bias(Map.of(0, 5f));
    assertThat(afterPrompt(biased, new float[] {-1, 2.5f}, 0)).isEqualTo(1);
    // 4 / 2 - 1 = 1 < 1.2; the other way round (4 - 1) / 2 = 1.5 would win.
    Sampling frequent = GREEDY.repetition(2).frequency(1);
    assertThat(afterAnswer(frequent, new float[] {4, 1.2f}, 0)).isEqualTo(1);
  }

  @Test
  void topPKeepsTheTokenThatCrosses() {
    float[] row = logs(0.5, 0.3, 0.2);
    assertThat(sampled(PLAIN.topP(0.4), row, 300)).containsExactly(0);
    assertThat(sampled(PLAIN.topP(0.6), row, 300)).containsExactly(0, 1);
    assertThat(sampled(PLAIN.topP(0.81), row, 300)).containsExactly(0, 1, 2);
    assertThat(sampled(PLAIN.topP(0.5), new float[] {0, 0}, 300)).containsExactly(0);
    assertThat(sampled(PLAIN.topP(Float.MIN_VALUE), row, 300)).containsExactly(0);
  }

  @Test
  void topPCountsOnWhatTopKAndMinPLeft() {
    float[] row = logs(0.4, 0.3, 0.2, 0.1);
    // Of 0.4 and 0.3 the first has 0.57.
    assertThat(sampled(PLAIN.topK(2).topP(0.5), row, 300)).containsExactly(0);
    assertThat(sampled(PLAIN.topP(0.5), row, 300)).containsExactly(0, 1);
    assertThat(sampled(PLAIN.minP(0.7).topP(0.5), row, 300)).containsExactly(0);
  }

  @Test
  void minPIsAShareOfTheBestAfterTemperature() {
    float[] row = logs(0.5, 0.3, 0.2);
    assertThat(sampled(PLAIN.minP(0.5), row, 300)).containsExactly(0, 1);
    // At temperature 2 the shares are 1, 0.77 and 0.63.
    assertThat(sampled(PLAIN.minP(0.5).temperature(2), row, 300)).containsExactly(0, 1, 2);
    assertThat(sampled(PLAIN.minP(1), new float[] {3, 4, 4}, 300)).containsExactly(1, 2);
  }

  @Test
  void topKKeepsTheLowestIdsAmongEqualsInBothCoverages() {
    float[] row = new float[200];
    row[150] = 1;
    assertThat(sampled(PLAIN.topK(3), row, 300)).containsExactly(0, 1, 150);
    assertThat(sampled(PLAIN.topK(3).bias(Map.of(7, 0f)), row, 300)).containsExactly(0, 1, 150);
  }

  @Test
  void topKKeepsItsNumberWhenTopPEndsInAnEarlierBucket() {
    float[] row = {2, 2, 2, 1, 1};
    // Four are kept; 0.8 of them ends with the third.
    Sampling how = PLAIN.topK(4).topP(0.8).bias(Map.of(0, 0f));
    assertThat(sampled(how, row, 300)).containsExactly(0, 1, 2);
  }

  @Test
  void extremeTemperaturesDoNotOverflow() {
    float[] row = {1000, 1000.001f, -1000, Float.NEGATIVE_INFINITY};
    for (double cold : new double[] {Float.MIN_VALUE, 1e-30, 1e-6}) {
      assertThat(sampled(PLAIN.temperature(cold), row, 50)).containsExactly(1);
      assertThat(sampled(PLAIN.temperature(cold).topK(2), row, 50)).containsExactly(1);
    }
    assertThat(sampled(PLAIN.temperature(Float.MAX_VALUE), row, 300)).containsExactly(0, 1, 2);
  }

  @Test
  void everyChoiceIsThatOfTheDefinition() {
    for (int seed = 0; seed < 3000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] row = row(random);
      Sampling how = sampling(random, row.length).seed(seed);
      int[] prompt = random.ints(random.nextInt(20), 0, row.length + 5).toArray();
      int[] ends = random.ints(2, 0, row.length).toArray();
      Sampler sampler = new Sampler(how.parameters(), row.length, prompt, ends);
      int[] answer = NONE;
      for (int step = 0; step < 5; step++) {
        double uniform = new UniformSequence(seed).at(step);
        NaiveSampling naive = NaiveSampling.of(row, how.parameters(), prompt, ends, answer);
        LogitsRow seen = sampler.needs() == Coverage.BEST ? Rows.best(row) : Rows.full(row);
        int chosen = sampler.sample(seen, workspace);
        // 1e-9: far above the rounding of the sums (1e-13), far below a probability that matters.
        if (naive.distance(uniform) > 1e-9) {
          assertThat(chosen)
              .as("seed %d step %d %s", seed, step, how)
              .isEqualTo(naive.draw(uniform));
        }
        sampler.accepted(chosen);
        answer = append(answer, chosen);
      }
    }
  }

  @Test
  void bestAndFullAgree() {
    for (int seed = 0; seed < 1000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] row = row(random);
      Sampling how =
          PLAIN
              .seed(seed)
              .temperature(random.nextInt(4) * 0.5)
              .topK(random.nextInt(1, 61))
              .topP(random.nextDouble(0.1, 1))
              .minP(random.nextInt(2) * random.nextDouble(0.2))
              .minTokens(random.nextInt(2), List.of(0, 1, 2));
      Sampler best = sampler(how, row);
      Sampler full = sampler(how.bias(Map.of(3, 0f)), row);
      assertThat(best.needs()).isEqualTo(Coverage.BEST);
      assertThat(full.needs()).isEqualTo(Coverage.FULL);
      for (int step = 0; step < 5; step++) {
        int chosen = best.sample(Rows.best(row), workspace);
        assertThat(full.sample(Rows.full(row), workspace))
            .as("seed %d step %d %s", seed, step, how)
            .isEqualTo(chosen);
        best.accepted(chosen);
        full.accepted(chosen);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameAnswerWhateverElseIsSampled() {
    List<float[]> rows = IntStream.range(0, 50).mapToObj(i -> gaussian(i, 300, 2)).toList();
    Sampling how = PLAIN.seed(42).topP(0.95);
    List<Integer> alone = answer(how, rows, new SamplingWorkspace(300));

    Sampler first = sampler(how, rows.getFirst());
    Sampler other = sampler(PLAIN.seed(42).topK(9), rows.getFirst());
    List<Integer> among = new ArrayList<>();
    for (int step = 0; step < rows.size(); step++) {
      LogitsRow row = Rows.full(rows.get(step), gaussian(1000 + step, 300, 3));
      for (int more = 0; more < step % 3; more++) {
        other.accepted(other.sample(row.at(1), workspace));
      }
      int chosen = first.sample(row.at(0), workspace);
      first.accepted(chosen);
      among.add(chosen);
    }
    assertThat(among).isEqualTo(alone);
    assertThat(answer(how.seed(43), rows, workspace)).isNotEqualTo(alone);
  }

  @Test
  void askingAgainWithoutAcceptingGivesTheSameToken() {
    float[] row = gaussian(5, 300, 1);
    Sampler sampler = sampler(PLAIN, row);
    LogitsRow seen = Rows.full(row);
    int chosen = sampler.sample(seen, workspace);
    assertThat(IntStream.range(0, 20).map(i -> sampler.sample(seen, workspace)).distinct())
        .containsExactly(chosen);
  }

  @Test
  void requestsWithoutASeedDiffer() {
    float[] row = new float[4000];
    SamplingParameters plain = PLAIN.parameters();
    SamplingParameters unseeded =
        new SamplingParameters(
            0,
            1,
            1,
            0,
            0,
            1,
            0,
            0,
            Map.of(),
            OptionalLong.empty(),
            List.of(),
            List.of(),
            0,
            plain.endTokens(),
            0);
    LogitsRow seen = Rows.full(row);
    // Twenty draws of one in 4,000: all equal by chance once in 10^68 runs.
    assertThat(
            IntStream.range(0, 20)
                .map(i -> new Sampler(unseeded, 4000, NONE, NONE).sample(seen, workspace))
                .distinct()
                .count())
        .isGreaterThan(1);
  }

  @Test
  void drawsFollowTheDistribution() {
    float[] row = gaussian(11, 12, 1.5);
    for (Sampling how : List.of(PLAIN, PLAIN.temperature(0.7).topK(8), PLAIN.topP(0.9))) {
      NaiveSampling naive = NaiveSampling.of(row, how.parameters(), NONE, NONE, NONE);
      int draws = 200_000;
      int[] counts = new int[row.length];
      Sampler sampler = sampler(how.seed(2024), row);
      LogitsRow seen = Rows.full(row);
      for (int draw = 0; draw < draws; draw++) {
        int chosen = sampler.sample(seen, workspace);
        counts[chosen]++;
        sampler.accepted(chosen);
      }
      double chiSquare = 0;
      for (int id = 0; id < row.length; id++) {
        double expected = naive.probability(id) * draws;
        if (expected == 0) {
          assertThat(counts[id]).isZero();
        } else {
          chiSquare += (counts[id] - expected) * (counts[id] - expected) / expected;
        }
      }
      // At most 11 degrees of freedom: a fair sampler exceeds 31.3 for one seed in a thousand.
      assertThat(chiSquare).as("seed 2024, %s", how).isLessThan(31.3);
    }
  }

  @Test
  void anOutputThatIsNotANumberIsARefusalAndNotAToken() {
    for (float wild : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] row = {1, 2, wild, 3};
      for (Sampling how : List.of(GREEDY, PLAIN, PLAIN.topK(2), GREEDY.bias(Map.of(2, -100f)))) {
        refused(how, row, "not a number");
      }
      refused(GREEDY.minTokens(1, List.of(2)), row, "not a number");
    }
    float[] nothing = {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY};
    refused(PLAIN, nothing, "not a number");
  }

  @Test
  void aRowWithEveryTokenForbiddenIsARefusal() {
    float[] row = {1, 2};
    Sampling how = GREEDY.minTokens(1, List.of(0, 1));
    refused(how, row, "No token is possible");
    refused(how.temperature(1), row, "No token is possible");
  }

  @Test
  void tokensOfMinusInfinityAreNeverDrawn() {
    float[] row = {Float.NEGATIVE_INFINITY, 1, Float.NEGATIVE_INFINITY, 1};
    assertThat(sampled(PLAIN, row, 200)).containsExactly(1, 3);
    assertThat(sampled(PLAIN.topK(4), row, 200)).containsExactly(1, 3);
    assertThat(sampled(PLAIN.bias(Map.of(0, 100f)), row, 200)).containsExactly(1, 3);
  }

  @Test
  void tokensOutsideTheVocabularyAreRefused() {
    assertThatThrownBy(() -> sampler(GREEDY.bias(Map.of(9, 1f)), new float[4]))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessage("logit_bias names token 9, expected 0 to 3");
    assertThatThrownBy(() -> sampler(GREEDY.minTokens(0, List.of(-1)), new float[4]))
        .hasMessage("stop_token_ids names token -1, expected 0 to 3");
  }

  @Test
  void aRowThatDoesNotCoverWhatIsNeededIsABrokenInvariant() {
    float[] row = {1, 2};
    Sampler sampler = sampler(PLAIN, row);
    assertThatThrownBy(() -> sampler.sample(Rows.best(row), workspace))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> sampler.accepted(2)).isInstanceOf(IllegalStateException.class);
  }

  private void refused(Sampling how, float[] row, String message) {
    Sampler sampler = sampler(how, row);
    assertThatThrownBy(() -> sampler.sample(Rows.full(row), workspace))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining(message);
  }

  private static Sampler sampler(Sampling how, float[] row) {
    return new Sampler(how.parameters(), row.length, NONE, NONE);
  }

  /** Which tokens come up at the first place over so many seeds. */
  private Set<Integer> sampled(Sampling how, float[] row, int seeds) {
    LogitsRow seen = Rows.full(row);
    Set<Integer> tokens = new TreeSet<>();
    for (int seed = 0; seed < seeds; seed++) {
      tokens.add(sampler(how.seed(seed), row).sample(seen, workspace));
    }
    return tokens;
  }

  private List<Integer> answer(Sampling how, List<float[]> rows, SamplingWorkspace own) {
    Sampler sampler = sampler(how, rows.getFirst());
    List<Integer> answer = new ArrayList<>();
    for (float[] row : rows) {
      int chosen = sampler.sample(Rows.full(row), own);
      sampler.accepted(chosen);
      answer.add(chosen);
    }
    return answer;
  }

  private int afterPrompt(Sampling how, float[] row, int... prompt) {
    return new Sampler(how.parameters(), row.length, prompt, NONE)
        .sample(Rows.full(row), workspace);
  }

  private int afterAnswer(Sampling how, float[] row, int... answer) {
    Sampler sampler = sampler(how, row);
    for (int token : answer) {
      sampler.accepted(token);
    }
    return sampler.sample(Rows.full(row), workspace);
  }

  private static float[] logs(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int id = 0; id < logits.length; id++) {
      logits[id] = (float) Math.log(probabilities[id]);
    }
    return logits;
  }

  private static float[] gaussian(long seed, int size, double deviation) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] row = new float[size];
    for (int id = 0; id < size; id++) {
      row[id] = (float) (random.nextGaussian() * deviation);
    }
    return row;
  }

  /** 2 to 300 logits, narrow or wide, some rounded so that many are equal. */
  private static float[] row(SplittableRandom random) {
    float[] row = gaussian(random.nextLong(), random.nextInt(65, 300), random.nextDouble(0.1, 8));
    if (random.nextInt(3) == 0) {
      for (int id = 0; id < row.length; id++) {
        row[id] = Math.round(row[id]);
      }
    }
    return row;
  }

  private static Sampling sampling(SplittableRandom random, int vocabulary) {
    Map<Integer, Float> bias = new HashMap<>();
    for (int count = random.nextInt(4); count > 1; count--) {
      bias.put(random.nextInt(vocabulary), (float) random.nextDouble(-5, 5));
    }
    return PLAIN
        .temperature(random.nextDouble(0.05, 3))
        .topP(random.nextInt(2) == 0 ? 1 : random.nextDouble(0.01, 1))
        .topK(random.nextInt(2) * random.nextInt(350))
        .minP(random.nextInt(2) * random.nextDouble(0.5))
        .repetition(random.nextInt(3) == 0 ? random.nextDouble(0.5, 2) : 1)
        .presence(random.nextInt(3) == 0 ? random.nextDouble(-2, 2) : 0)
        .frequency(random.nextInt(3) == 0 ? random.nextDouble(-2, 2) : 0)
        .bias(bias)
        .minTokens(random.nextInt(4), random.ints(3, 0, vocabulary).boxed().toList());
  }

  private static int[] append(int[] tokens, int token) {
    int[] longer = Arrays.copyOf(tokens, tokens.length + 1);
    longer[tokens.length] = token;
    return longer;
  }
}
