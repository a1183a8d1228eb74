package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.engine.Generation.PreparationCost;
import io.trimtab.engine.Generation.TokenTexts;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.engine.sampling.Rows;
import io.trimtab.engine.sampling.Sampler;
import io.trimtab.engine.sampling.SamplingWorkspace;
import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.engine.scheduling.Sequences;
import io.trimtab.engine.scheduling.Task;
import io.trimtab.engine.scheduling.Task.Outcome;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.Prompt.ImageSpan;
import io.trimtab.model.text.RopePositions;
import io.trimtab.model.text.StopMatcher;
import io.trimtab.model.text.TextTokenizer;
import io.trimtab.testing.Shared;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Answers from tokens that a script chooses, with a real tokenizer and no model. */
class GenerationTest {
  private static final TextTokenizer TOKENIZER =
      TextTokenizer.read(Shared.path("models/dinghy-llava"));
  private static final int VOCABULARY = TOKENIZER.vocabularySize();
  private static final int END = TOKENIZER.specialId("<|im_end|>").orElseThrow();
  private static final ServedBy BASE = ServedBy.base("model", "digest");
  private static final int PROMPT_TOKENS = 3;

  private final RecordingListener listener = new RecordingListener();
  private final List<String> deltas = new ArrayList<>();

  @AfterAll
  static void close() {
    TOKENIZER.close();
  }

  @Test
  void anEndTokenEndsTheAnswerAndIsNoText() {
    feed(parameters(20), ids("a large circle", END));
    assertEnd(FinishReason.STOP, "a large circle");
    assertThat(listener.tokenIds()).endsWith(END);
    assertThat(listener.completion().usage().completionTokens())
        .isEqualTo(ids("a large circle").size() + 1);
  }

  @Test
  void theLastTokenEndsTheAnswer() {
    List<Integer> tokens = ids("a large circle");
    assertThat(feed(parameters(tokens.size()), tokens)).isEqualTo(tokens.size());
    assertEnd(FinishReason.LENGTH, "a large circle");
  }

  @Test
  void anEndTokenThatIsIgnoredIsATokenLikeOthers() {
    List<Integer> tokens = ids("red", END);
    tokens.addAll(ids("blue"));
    feed(of(tokens.size(), List.of(), List.of(), 0, EndTokens.IGNORE, 0), tokens);
    assertEnd(FinishReason.LENGTH, "redblue");
    assertThat(listener.tokenIds()).isEqualTo(tokens);
  }

  @Test
  void aStopTokenOfTheRequestEndsTheAnswerWithoutItsText() {
    List<Integer> tokens = ids("red");
    int stop = ids("circle").getFirst();
    tokens.add(stop);
    feed(of(20, List.of(), List.of(stop), 0, EndTokens.STOP, 0), tokens);
    assertEnd(FinishReason.STOP, "red");
  }

  @Test
  void aStopTextEndsTheAnswerBeforeIt() {
    int taken =
        feed(
            of(40, List.of("circle"), List.of(), 0, EndTokens.STOP, 0),
            ids("a large circle on gray"));
    assertEnd(FinishReason.STOP, "a large ");
    assertThat(taken).isLessThan(ids("a large circle on gray").size());
  }

  /** "cir" may become "circle": it is held back until it can't. */
  @Test
  void textThatMayBecomeAStopTextIsHeldBackAndNeverLost() {
    SamplingParameters stops = of(40, List.of("circles"), List.of(), 0, EndTokens.STOP, 0);
    feed(stops, ids("a circle", END));
    assertEnd(FinishReason.STOP, "a circle");
    assertThat(deltas.getLast()).endsWith("circle");
  }

  @Test
  void heldBackTextGoesOutAtTheLastToken() {
    List<Integer> tokens = ids("a circle");
    feed(of(tokens.size(), List.of("circles"), List.of(), 0, EndTokens.STOP, 0), tokens);
    assertEnd(FinishReason.LENGTH, "a circle");
  }

  @Test
  void aCharacterComesWholeOrAsItsReplacement() {
    List<Integer> bytes = ids("漢");
    assertThat(bytes).hasSizeGreaterThan(1);
    List<Integer> cut = bytes.subList(0, bytes.size() - 1);
    feed(parameters(bytes.size() + 1), with(bytes, END));
    assertEnd(FinishReason.STOP, "漢");
    assertThat(deltas.subList(0, cut.size())).containsOnly("");
  }

  @Test
  void aCharacterThatAnEndTokenCutsIsReplaced() {
    List<Integer> cut = ids("漢").subList(0, 1);
    feed(parameters(20), with(cut, END));
    assertEnd(FinishReason.STOP, "\uFFFD");
  }

  @Test
  void aCharacterThatTheLastTokenCutsIsReplaced() {
    feed(parameters(1), ids("漢").subList(0, 1));
    assertEnd(FinishReason.LENGTH, "\uFFFD");
  }

  /** The end token is the best at each place; the second best is taken until it may end. */
  @Test
  void endAndStopTokensAreImpossibleBeforeTheFewest() {
    int other = ids("red").getFirst();
    Generation generation = generation(of(20, List.of(), List.of(), 3, EndTokens.STOP, 0));
    Sequence sequence = sequence(generation, 20);
    generation.admitted(0);
    float[] row = new float[VOCABULARY];
    row[END] = 10;
    row[other] = 5;
    int tokens = 1;
    while (generation.accept(sequence, Rows.best(row)) == Outcome.CONTINUES) {
      tokens++;
    }
    assertThat(tokens).isEqualTo(4);
    assertThat(listener.tokenIds()).containsExactly(other, other, other, END);
    assertThat(listener.completion().reason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void everyTokenComesWithItsLogprobAndAsManyAlternativesAsAsked() {
    List<Integer> tokens = ids("red circle");
    feed(of(tokens.size(), List.of(), List.of(), 0, EndTokens.STOP, 2), tokens);
    double logsumexp = Math.log(Math.exp(10) + VOCABULARY - 1);
    assertThat(listener.tokenIds()).isEqualTo(tokens);
    for (TokenLogprob token : listener.tokens()) {
      assertThat((double) token.logprob()).isCloseTo(10 - logsumexp, within(1e-5));
      assertThat(token.text()).isEqualTo(TOKENIZER.textOf(token.token()));
      assertThat(token.top()).hasSize(2);
      assertThat(token.top().getFirst().token()).isEqualTo(token.token());
      assertThat(token.top().getFirst().logprob()).isEqualTo(token.logprob());
    }
  }

  @Test
  void whatIsCancelledKeepsTheTextSoFar() {
    Generation generation = generation(parameters(20));
    Sequence sequence = sequence(generation, 20);
    generation.admitted(0);
    for (int token : ids("a large circle")) {
      generation.accept(sequence, row(token));
    }
    generation.stopped(new TrimtabException(ErrorCode.CANCELLED, "cancelled"));
    assertEnd(FinishReason.CANCELLED, "a large circle");
  }

  @Test
  void whatIsCancelledBeforeItStartsFails() {
    generation(parameters(20)).stopped(new TrimtabException(ErrorCode.CANCELLED, "cancelled"));
    assertThat(listener.failure().code()).isEqualTo(ErrorCode.CANCELLED);
  }

  @Test
  void whatRunsOutOfTimeFails() {
    Generation generation = generation(parameters(20));
    generation.admitted(0);
    generation.stopped(new TrimtabException(ErrorCode.DEADLINE_EXCEEDED, "late"));
    assertThat(listener.failure().code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
  }

  @Test
  void usageAndTimesAreThoseOfTheRequest() {
    feed(parameters(20), ids("red", END));
    Completion completion = listener.completion();
    assertThat(completion.usage())
        .isEqualTo(new Completion.Usage(PROMPT_TOKENS, 2, ids("red").size() + 1, 0));
    assertThat(completion.timings().preprocessMicros()).isEqualTo(70);
    assertThat(completion.timings().visionMicros()).isEqualTo(30);
    assertThat(completion.timings().queueMicros()).isNotNegative();
    assertThat(completion.timings().prefillMicros()).isNotNegative();
    assertThat(completion.timings().decodeMicros()).isNotNegative();
  }

  private static SamplingParameters parameters(int maxTokens) {
    return of(maxTokens, List.of(), List.of(), 0, EndTokens.STOP, 0);
  }

  private static SamplingParameters of(
      int maxTokens,
      List<String> stop,
      List<Integer> stopTokens,
      int minTokens,
      EndTokens endTokens,
      int topLogprobs) {
    return new SamplingParameters(
        maxTokens,
        0,
        1,
        0,
        0,
        1,
        0,
        0,
        Map.of(),
        OptionalLong.empty(),
        stop,
        stopTokens,
        minTokens,
        endTokens,
        topLogprobs);
  }

  private Generation generation(SamplingParameters sampling) {
    Set<Integer> ends = new HashSet<>(sampling.stopTokenIds());
    if (sampling.endTokens() == EndTokens.STOP) {
      ends.add(END);
    }
    GenerationListener observed =
        new GenerationListener() {
          @Override
          public void started(ServedBy servedBy) {
            assertThat(servedBy).isSameAs(BASE);
            listener.started(servedBy);
          }

          @Override
          public void delta(String text, List<TokenLogprob> logprobs) {
            deltas.add(text);
            listener.delta(text, logprobs);
          }

          @Override
          public void finished(Completion completion) {
            listener.finished(completion);
          }

          @Override
          public void failed(TrimtabException reason) {
            listener.failed(reason);
          }
        };
    return new Generation(
        Sequences.ticket("r", "t"),
        BASE,
        observed,
        new Sampler(sampling, VOCABULARY, new int[PROMPT_TOKENS], new int[] {END}),
        new SamplingWorkspace(VOCABULARY),
        ends,
        new TokenTexts(
            TOKENIZER.newStream(), new StopMatcher(sampling.stop()), sampling.topLogprobs(), 0),
        new PreparationCost(0, 70, 30),
        new Prompt(
            new int[PROMPT_TOKENS],
            List.of(new ImageSpan(1, 2, 0)),
            RopePositions.sequential(PROMPT_TOKENS)),
        sampling.maxTokens());
  }

  private static Sequence sequence(Task task, int maxTokens) {
    return Sequences.of(
        Sequences.ticket("r", "t"),
        task,
        new int[PROMPT_TOKENS],
        PROMPT_TOKENS,
        PROMPT_TOKENS + maxTokens);
  }

  /** Has these tokens be the best, one after the other; returns how many were taken. */
  private int feed(SamplingParameters sampling, List<Integer> tokens) {
    Generation generation = generation(sampling);
    Sequence sequence = sequence(generation, sampling.maxTokens());
    generation.admitted(0);
    for (int i = 0; i < tokens.size(); i++) {
      if (generation.accept(sequence, row(tokens.get(i))) == Outcome.ENDED) {
        assertThat(sequence.length()).isEqualTo(PROMPT_TOKENS + i);
        return i + 1;
      }
    }
    throw new AssertionError("No end after " + tokens);
  }

  private void assertEnd(FinishReason reason, String text) {
    assertThat(listener.completion().text()).isEqualTo(text);
    assertThat(listener.completion().reason()).isEqualTo(reason);
  }

  private static LogitsRow row(int token) {
    float[] row = new float[VOCABULARY];
    row[token] = 10;
    return Rows.best(row);
  }

  private static List<Integer> ids(String text) {
    List<Integer> ids = new ArrayList<>();
    for (int id : TOKENIZER.encodePlain(text)) {
      ids.add(id);
    }
    return ids;
  }

  private static List<Integer> ids(String text, int last) {
    return with(ids(text), last);
  }

  private static List<Integer> with(List<Integer> tokens, int last) {
    List<Integer> all = new ArrayList<>(tokens);
    all.add(last);
    return all;
  }
}
