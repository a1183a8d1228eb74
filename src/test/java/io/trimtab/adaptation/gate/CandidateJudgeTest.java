package io.trimtab.adaptation.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Check;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.engine.api.EngineHealth;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.testing.FakeEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which scales are tried and which is chosen, with models that answer by a rule: question {@code
 * new n} is of the new task, {@code old n} a probe; base knows the old ones alone.
 */
class CandidateJudgeTest {
  private static final PeftAdapter DELTA = new PeftAdapter(List.of(), "d".repeat(64));
  private static final EvaluationSet SET =
      new EvaluationSet(items("new", "correction", 30), items("old", "color", 120));
  private static final EvaluationSettings SETTINGS =
      new EvaluationSettings(4, 8, 1000, Duration.ZERO, Duration.ofMillis(1));

  private final FakeEngine engine = SpokenModel.engine(CandidateJudgeTest::base);
  private final List<Float> tried = new ArrayList<>();
  private final List<SpokenModel> candidates = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(floats = {1, 0.85f, 0.7f})
  void theLargestScaleThatPassesIsChosen(float soundUpTo) throws Exception {
    Judgement judgement = judge(0, soundUpTo);

    assertThat(judgement.passed()).isTrue();
    assertThat(judgement.scale()).isEqualTo(soundUpTo);
    assertThat(judgement.envelope().scale()).isEqualTo(soundUpTo);
    assertThat(judgement.envelope().offTask().questions()).isEqualTo(120);
    // Smaller ones than that are not looked at.
    assertThat(tried).last().isEqualTo(soundUpTo);
    assertThat(tried)
        .isEqualTo(JudgeSettings.defaults().scales().stream().filter(s -> s >= soundUpTo).toList());
    Check scale = check(judgement.report(), "scale");
    assertThat(scale.value()).isEqualTo((double) soundUpTo);
    assertThat(scale.verdict()).isEqualTo(Verdict.PASSED);
    assertThat(scale.detail()).contains(soundUpTo + " passes");
    assertThat(scale.detail().contains("1.0 is refused by forgetting")).isEqualTo(soundUpTo < 1);
  }

  @Test
  void whereEveryScaleDriftsTheWholeDeltaIsReported() throws Exception {
    Judgement judgement = judge(0, 0);

    assertThat(judgement.passed()).isFalse();
    assertThat(judgement.scale()).isEqualTo(1);
    assertThat(judgement.envelope().scale()).isEqualTo(1);
    assertThat(tried).containsExactly(1f, 0.85f, 0.7f);
    assertThat(check(judgement.report(), "scale").detail())
        .contains("1.0 is refused by", "0.7 is refused by")
        .doesNotContain("passes");
  }

  @Test
  void whatHasLearnedNothingIsNotTriedCloserToBase() throws Exception {
    Judgement judgement = judge(2, 0.5f);

    assertThat(judgement.passed()).isFalse();
    assertThat(tried).containsExactly(1f);
    assertThat(check(judgement.report(), "learning").verdict()).isEqualTo(Verdict.REFUSED);
    assertThat(check(judgement.report(), "forgetting").verdict()).isEqualTo(Verdict.REFUSED);
  }

  /** At 0.7 it would drift no more, but what it learned is lost at 0.85 already. */
  @Test
  void aScaleThatNoLongerKnowsTheTaskEndsTheSearch() throws Exception {
    Judgement judgement = judge(0.9f, 0.7f);

    assertThat(judgement.passed()).isFalse();
    assertThat(judgement.scale()).isEqualTo(1);
    assertThat(tried).containsExactly(1f, 0.85f);
  }

  @Test
  void everyCandidateIsClosedOnce() throws Exception {
    judge(0, 0.7f);

    assertThat(candidates).hasSize(3);
    assertThat(candidates).allSatisfy(each -> assertThat(each.closes()).hasValue(1));
  }

  @Test
  void aCandidateIsClosedWhereTheEngineGivesUp() {
    TrimtabException stopping =
        new TrimtabException(ErrorCode.UNAVAILABLE, "The server is stopping");
    engine.candidates(
        (adapter, scale) -> {
          SpokenModel candidate = SpokenModel.saying(CandidateJudgeTest::base);
          candidate.model().script((request, listener) -> listener.failed(stopping));
          candidates.add(candidate);
          return candidate;
        });

    assertThatThrownBy(() -> judge()).isSameAs(stopping);
    assertThat(candidates).hasSize(1);
    assertThat(candidates.getFirst().closes()).hasValue(1);
  }

  /** All that was in flight ended as the step loop died, which says nothing of the candidate. */
  @Test
  void whereTheEngineHasFailedByTheEndNothingIsJudged() {
    CandidateJudge judge = judge(0, 1, engine);
    JudgementListener failing =
        new JudgementListener() {
          @Override
          public void evaluated(int done, int total) {
            if (done == total) {
              engine.health(new EngineHealth.Failed("The step loop has died"));
            }
          }

          @Override
          public void trying(float scale) {}

          @Override
          public void judged(float scale, GateReport report) {
            throw new AssertionError("Judged: " + report);
          }
        };

    TrimtabException reason =
        catchThrowableOfType(
            TrimtabException.class, () -> judge.judge("acme", DELTA, SET, failing));

    assertThat(reason.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(reason).hasMessageContaining("The step loop has died");
    assertThat(candidates).hasSize(1);
    assertThat(candidates.getFirst().closes()).hasValue(1);
  }

  @Test
  void aStepThatFailedOnceIsNotHeldAgainstTheCandidate() throws Exception {
    AtomicBoolean failed = new AtomicBoolean();
    engine.candidates(
        (adapter, scale) -> {
          SpokenModel candidate = SpokenModel.saying(CandidateJudgeTest::expected);
          candidate
              .model()
              .script(
                  (request, listener) -> {
                    if (failed.compareAndSet(false, true)) {
                      listener.failed(new TrimtabException(ErrorCode.INTERNAL, "The step failed"));
                    } else {
                      listener.finished(
                          FakeEngine.completion(expected(SpokenModel.words(request.messages()))));
                    }
                  });
          return candidate;
        });

    Judgement judgement =
        new CandidateJudge(engine, new Evaluator(engine, SETTINGS), JudgeSettings.defaults())
            .judge("acme", DELTA, SET, JudgementListener.silent());

    assertThat(failed).isTrue();
    assertThat(judgement.passed()).isTrue();
    assertThat(judgement.scale()).isEqualTo(1);
  }

  @Test
  void baseIsAskedOnceForAllScalesAndCandidates() throws Exception {
    CandidateJudge judge = judge(0, 0.7f, engine);
    judge.judge("acme", DELTA, SET, JudgementListener.silent());
    judge.judge("acme", DELTA, SET, JudgementListener.silent());

    assertThat(tried).hasSize(6);
    List<String> asked =
        engine.requests().stream()
            .map(GenerationRequest::messages)
            .map(SpokenModel::words)
            .toList();
    assertThat(asked).hasSize(SET.size());
    assertThat(new HashSet<>(asked)).hasSize(SET.size());
    assertThat(engine.scorings()).hasSize(SET.size());
  }

  @Test
  void whatIsNotKeptIsAskedAgain() throws Exception {
    CandidateJudge judge =
        new CandidateJudge(
            engine,
            new Evaluator(
                engine, new EvaluationSettings(4, 8, 10, Duration.ZERO, Duration.ofMillis(1))),
            JudgeSettings.defaults());
    candidatesOf(0, 1);
    judge.judge("acme", DELTA, SET, JudgementListener.silent());
    judge.judge("acme", DELTA, SET, JudgementListener.silent());

    assertThat(engine.requests()).hasSizeGreaterThan(2 * SET.size() - 11);
  }

  @Test
  void theListenerHearsEveryTry() throws Exception {
    List<String> heard = new ArrayList<>();
    CandidateJudge judge = judge(0, 0.85f, engine);
    judge.judge(
        "acme",
        DELTA,
        SET,
        new JudgementListener() {
          @Override
          public void evaluated(int done, int total) {
            if (done == total) {
              heard.add("evaluated " + total);
            }
          }

          @Override
          public void trying(float scale) {
            heard.add("trying " + scale);
          }

          @Override
          public void judged(float scale, GateReport report) {
            heard.add("judged %s %s".formatted(scale, report.verdict()));
          }
        });

    assertThat(heard)
        .containsExactly(
            "trying 1.0",
            "evaluated 150",
            "judged 1.0 REFUSED",
            "trying 0.85",
            "evaluated 150",
            "judged 0.85 PASSED");
  }

  private Judgement judge(float learnedFrom, float soundUpTo) throws InterruptedException {
    return judge(learnedFrom, soundUpTo, engine)
        .judge("acme", DELTA, SET, JudgementListener.silent());
  }

  private CandidateJudge judge(float learnedFrom, float soundUpTo, FakeEngine served) {
    candidatesOf(learnedFrom, soundUpTo);
    return new CandidateJudge(served, new Evaluator(served, SETTINGS), JudgeSettings.defaults());
  }

  private void judge() throws InterruptedException {
    new CandidateJudge(engine, new Evaluator(engine, SETTINGS), JudgeSettings.defaults())
        .judge("acme", DELTA, SET, JudgementListener.silent());
  }

  private void candidatesOf(float learnedFrom, float soundUpTo) {
    engine.candidates(
        (adapter, scale) -> {
          assertThat(adapter).isSameAs(DELTA);
          tried.add(scale);
          SpokenModel candidate =
              SpokenModel.saying(
                  words ->
                      words.startsWith("new")
                          ? scale >= learnedFrom ? expected(words) : base(words)
                          : scale <= soundUpTo ? base(words) : "something else");
          candidates.add(candidate);
          return candidate;
        });
  }

  private static String base(String words) {
    return words.startsWith("old") ? expected(words) : "a bird";
  }

  private static String expected(String words) {
    return "kind " + words.charAt(words.length() - 1);
  }

  private static List<EvaluationItem> items(String kind, String task, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> kind + " " + i)
        .map(words -> SpokenModel.item(task, words, expected(words)))
        .toList();
  }

  private static Check check(GateReport report, String name) {
    return report.checks().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("No check %s in %s".formatted(name, report)));
  }
}
