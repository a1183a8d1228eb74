package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.engine.Generation.PreparationCost;
import io.trimtab.engine.Generation.TokenTexts;
import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.Sampling;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.sampling.Sampler;
import io.trimtab.engine.sampling.SamplingWorkspace;
import io.trimtab.engine.scheduling.Admission;
import io.trimtab.engine.scheduling.RequestTicket;
import io.trimtab.engine.scheduling.ScriptedExecutor;
import io.trimtab.engine.scheduling.Sequences;
import io.trimtab.engine.scheduling.StepLoop;
import io.trimtab.error.ErrorCode;
import io.trimtab.model.text.StopMatcher;
import io.trimtab.model.text.TextTokenizer;
import io.trimtab.testing.Prompts;
import io.trimtab.testing.Shared;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes wrong in one answer ends that answer alone. */
class GenerationInTheLoopTest {
  private static final TextTokenizer TOKENIZER =
      TextTokenizer.read(Shared.path("models/dinghy-llava"));
  private static final int PROMPT_TOKENS = 3;
  private static final int MAX_TOKENS = 8;

  private final Admission admission = new Admission(8, 8);
  private final ScriptedExecutor executor = new ScriptedExecutor(4, 8);
  private final StepLoop loop = new StepLoop(executor, admission, 16, 4);
  private final SamplingWorkspace workspace = new SamplingWorkspace(ScriptedExecutor.VOCABULARY);
  private final RecordingListener neighbour = new RecordingListener();

  @BeforeEach
  void submitANeighbour() {
    submit("good", Sampling.GREEDY, neighbour);
  }

  @AfterEach
  void theNeighboursAnswerIsWholeAndAllPermitsAreBack() throws InterruptedException {
    assertThat(neighbour.tokenIds())
        .isEqualTo(ScriptedExecutor.answer(new int[PROMPT_TOKENS], MAX_TOKENS));
    assertThat(neighbour.completion().reason()).isEqualTo(FinishReason.LENGTH);
    loop.stop();
    assertThat(admission.waiting()).isZero();
    assertThat(loop.health()).isInstanceOf(EngineHealth.Stopping.class);
  }

  @AfterAll
  static void close() {
    TOKENIZER.close();
  }

  @Test
  void logitsThatAreNoNumbers() {
    executor.logits = broken(Float.NaN);
    RecordingListener bad = submit("bad", Sampling.GREEDY, new RecordingListener());
    loop.start();
    assertThat(bad.failure().code()).isEqualTo(ErrorCode.FAILED_PRECONDITION);
    assertThat(bad.failure()).hasMessageContaining("not a number");
  }

  @Test
  void logitsThatAreInfiniteInAWholeRow() {
    executor.logits = broken(Float.POSITIVE_INFINITY);
    RecordingListener bad = submit("bad", Sampling.PLAIN, new RecordingListener());
    loop.start();
    assertThat(bad.failure().code()).isEqualTo(ErrorCode.FAILED_PRECONDITION);
  }

  @Test
  void aListenerThatThrows() {
    RecordingListener bad = new RecordingListener();
    bad.atToken =
        count -> {
          if (count == 3) {
            throw new IllegalStateException("a listener that throws");
          }
        };
    submit("bad", Sampling.GREEDY, bad);
    loop.start();
    assertThat(bad.failure().code()).isEqualTo(ErrorCode.INTERNAL);
  }

  @Test
  void aListenerThatThrowsAtTheEnd() {
    RecordingListener bad = new RecordingListener();
    bad.atEnd =
        () -> {
          throw new IllegalStateException("a listener that throws");
        };
    submit("bad", Sampling.GREEDY, bad);
    loop.start();
    bad.completion();
    // The next answer comes after the loop has dealt with what was thrown.
    submit("after", Sampling.GREEDY, new RecordingListener()).completion();
    assertThat(bad.tokens()).hasSize(MAX_TOKENS);
  }

  /** Rows of a batch are read whole as soon as one request needs it. */
  @Test
  void aRequestThatReadsWholeRowsChangesNoOthersAnswer() {
    RecordingListener sampled = submit("s", Sampling.PLAIN, new RecordingListener());
    loop.start();
    assertThat(sampled.tokens()).hasSize(MAX_TOKENS);
  }

  private static ScriptedExecutor.Logits broken(float value) {
    ScriptedExecutor.Logits whole = new ScriptedExecutor(1, 1).logits;
    return (sequence, length) -> {
      float[] row = whole.after(sequence, length);
      if (sequence.requestId().equals("bad") && length == PROMPT_TOKENS + 2) {
        Arrays.fill(row, value);
      }
      return row;
    };
  }

  private RecordingListener submit(String id, Sampling sampling, RecordingListener listener) {
    RequestTicket ticket = Sequences.ticket(id, "t");
    int[] prompt = new int[PROMPT_TOKENS];
    Generation generation =
        new Generation(
            ticket,
            ServedBy.base("model", "digest"),
            listener,
            new Sampler(sampling.parameters(), ScriptedExecutor.VOCABULARY, prompt, new int[0]),
            workspace,
            Set.of(),
            new TokenTexts(TOKENIZER.newStream(), new StopMatcher(List.of()), 0, 0),
            new PreparationCost(0, 0, 0),
            Prompts.of(prompt),
            MAX_TOKENS);
    admission.enter("t");
    loop.submit(
        Sequences.of(ticket, generation, prompt, PROMPT_TOKENS, PROMPT_TOKENS + MAX_TOKENS));
    return listener;
  }
}
