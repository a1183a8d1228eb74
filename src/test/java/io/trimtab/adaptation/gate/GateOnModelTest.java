package io.trimtab.adaptation.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.adaptation.gate.Envelope.ClassUse;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Check;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.drift.TokenClass;
import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.EngineStatistics;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Role;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Evaluation and gate through the graphs that serve: 16 questions stand in for the new task, 24 are
 * probes, all drawn with one seed, and base answers nearly all of them.
 */
@Timeout(300)
class GateOnModelTest {
  /** What one answer's KL may be off by when its rows are computed in another batch. */
  private static final double KERNELS = 1e-4;

  @TempDir private static Path folder;
  private static GateBench bench;
  private static EvaluationSet set;

  @BeforeAll
  static void open() {
    bench = new GateBench(GateBench.MODEL, folder, 256);
    set = GateBench.set();
  }

  @AfterAll
  static void close() {
    bench.close();
  }

  @Test
  void aCandidateOfZerosIsBaseAndHasLearnedNothing() throws Exception {
    List<Float> tried = new ArrayList<>();
    Judgement judgement = bench.judge(4).judge("acme", bench.candidate(1, 0), set, tries(tried));

    assertThat(refusals(judgement.report())).containsExactly("learning", "scale");
    assertThat(tried).containsExactly(1f);
    assertThat(judgement.scale()).isEqualTo(1);
    for (Envelope.Side side :
        List.of(judgement.envelope().onTask(), judgement.envelope().offTask())) {
      assertThat(side.kl().mean()).isBetween(0.0, 1e-6);
      assertThat(side.tunedTokens()).isEqualTo(side.baseTokens());
      for (TokenClass tokenClass : TokenClass.values()) {
        ClassUse use = Objects.requireNonNull(side.classes().get(tokenClass));
        assertThat(use.tunedShare()).isEqualTo(use.baseShare());
        assertThat(use.tunedMass().mean()).isCloseTo(use.baseMass().mean(), within(1e-6));
      }
    }
  }

  @Test
  void everyAnswerOfACandidateOfZerosIsBases() throws Exception {
    Evidence evidence = evidence(bench.evaluator(4), bench.candidate(1, 0));

    List<PairedOutcome> outcomes =
        Stream.concat(evidence.validation().stream(), evidence.probes().stream()).toList();
    assertThat(outcomes).hasSize(GateBench.VALIDATION + GateBench.PROBES);
    assertThat(outcomes.stream().filter(PairedOutcome::baseIsRight)).hasSizeGreaterThan(32);
    for (PairedOutcome outcome : outcomes) {
      assertThat(outcome.tuned()).as(outcome.id()).isEqualTo(outcome.base());
      assertThat(outcome.scores().orElseThrow().kl()).as(outcome.id()).isBetween(0.0, 1e-6);
    }
  }

  @Test
  void aLoudCandidateIsRefusedForDriftAndTheReportSaysSo() throws Exception {
    List<Float> tried = new ArrayList<>();
    Judgement judgement = bench.judge(4).judge("acme", bench.candidate(2, 0.3f), set, tries(tried));

    assertThat(refusals(judgement.report())).contains("forgetting", "learning");
    Check forgetting = check(judgement.report(), "forgetting");
    assertThat(forgetting.value()).isGreaterThan(GateBench.LIMITS.dropMax());
    assertThat(forgetting.detail()).contains("other tasks", "right before", "the drop is");
    assertThat(check(judgement.report(), "kl_to_base").value()).isGreaterThan(0.1);
    assertThat(judgement.envelope().offTask().kl().mean()).isGreaterThan(0.1);
    // It has learned nothing, so it is not tried any closer to base.
    assertThat(tried).containsExactly(1f);
  }

  /** Damped, the same numbers are nearer to base. */
  @Test
  void aSmallerScaleIsNearerToBase() throws Exception {
    PeftAdapter candidate = bench.candidate(2, 0.3f);
    Evaluator evaluator = bench.evaluator(4);
    double before = Double.MAX_VALUE;
    for (float scale : new float[] {1, 0.4f, 0}) {
      Evidence evidence;
      try (CandidateModel model = bench.engine().candidate(candidate, scale)) {
        evidence = evaluator.evaluate("acme", model, set, (done, total) -> {});
      }
      double kl = Envelope.of(scale, evidence).offTask().kl().mean();
      assertThat(kl).as("at scale %s", scale).isLessThan(before);
      before = kl;
    }
    assertThat(before).isLessThan(1e-6);
  }

  @Test
  void questionsTogetherAreAnsweredAsOneByOne() throws Exception {
    PeftAdapter candidate = bench.candidate(3, 0.12f);
    Evidence alone = evidence(bench.evaluator(1), candidate);
    Evidence together = evidence(bench.evaluator(4), candidate);

    requireSame(alone.validation(), together.validation());
    requireSame(alone.probes(), together.probes());
    assertThat(together.gaps()).isEmpty();
    // A candidate that said what base says would show little.
    assertThat(alone.probes().stream().filter(each -> !each.tuned().equals(each.base())))
        .isNotEmpty();
  }

  @Test
  void anInterruptEndsItAndTheEngineServesOn() throws Exception {
    EngineStatistics before = bench.engine().statistics();
    List<Integer> heard = new ArrayList<>();
    CandidateModel candidate = bench.engine().candidate(bench.candidate(3, 0.12f), 1);
    try (candidate) {
      assertThatThrownBy(
              () ->
                  bench
                      .evaluator(4)
                      .evaluate(
                          "acme",
                          candidate,
                          set,
                          (done, total) -> {
                            heard.add(done);
                            Thread.currentThread().interrupt();
                          }))
          .isInstanceOf(InterruptedException.class);
    }
    assertThat(Thread.interrupted()).isFalse();
    assertThat(heard).containsExactly(1);
    requireIdle();
    long prefilled = bench.engine().statistics().since(before).prefilledTokens();
    // Each of 40 questions would have been read up to four times, of some 50 tokens or more each.
    assertThat(prefilled).isLessThan(40L * 50);
    assertThatThrownBy(
            () ->
                AskedModel.candidate(candidate, settings(), "acme")
                    .answer(set.probes().getFirst().messages(), 16))
        .isInstanceOfSatisfying(
            TrimtabException.class,
            reason -> assertThat(reason.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION));

    Evidence evidence = evidence(bench.evaluator(4), bench.candidate(1, 0));
    assertThat(evidence.gaps()).isEmpty();
    requireIdle();
  }

  @Test
  void aJudgesInterruptClosesItsCandidate() {
    assertThatThrownBy(
            () ->
                bench
                    .judge(4)
                    .judge(
                        "acme",
                        bench.candidate(3, 0.12f),
                        set,
                        new Tries(new ArrayList<>()) {
                          @Override
                          public void evaluated(int done, int total) {
                            Thread.currentThread().interrupt();
                          }
                        }))
        .isInstanceOf(InterruptedException.class);
    requireIdle();
  }

  @Test
  void questionsThatCannotBeReadAreLeftOutAndMissed() throws Exception {
    List<EvaluationItem> probes = new ArrayList<>(set.probes());
    int unreadable = GateBench.PROBES - GateBench.PROBES_MIN + 1;
    for (int i = 0; i < unreadable; i++) {
      probes.set(
          i,
          new EvaluationItem(
              "too-long-" + i,
              "color",
              List.of(ChatMessage.text(Role.USER, "and then ".repeat(20_000) + i)),
              Optional.of("red")));
    }
    EvaluationSet with = new EvaluationSet(set.validation(), probes);
    Judgement judgement =
        bench.judge(4).judge("acme", bench.candidate(1, 0), with, JudgementListener.silent());

    assertThat(refusals(judgement.report())).contains("evidence_probes");
    assertThat(check(judgement.report(), "evidence_probes").value())
        .isBetween(1.0, GateBench.PROBES_MIN - 1.0);
    assertThat(check(judgement.report(), "evidence_probes").detail())
        .contains("that base answers as they say, of 19 answered,", "at least 20 are needed")
        .contains("not enough evidence to publish on");
    // Base cannot read them either: they say nothing against the candidate.
    assertThat(check(judgement.report(), "evidence_complete").detail())
        .contains("5 questions were left out as base cannot answer them, first too-long-0");
    assertThat(judgement.envelope().offTask().questions()).isEqualTo(GateBench.PROBES - unreadable);
  }

  /** Of six at work at a time, the door takes in one and turns the others away, again and again. */
  @Test
  void aDoorForOneIsWaitedAt() throws Exception {
    PeftAdapter candidate = bench.candidate(3, 0.12f);
    Evidence roomy = evidence(bench.evaluator(4), candidate);
    try (GateBench narrow = new GateBench(GateBench.MODEL, folder.resolve("narrow"), 1)) {
      Evidence evidence;
      try (CandidateModel model = narrow.engine().candidate(candidate, 1)) {
        evidence = narrow.evaluator(6).evaluate("acme", model, set, (done, total) -> {});
      }
      assertThat(evidence.gaps()).isEmpty();
      requireSame(roomy.validation(), evidence.validation());
      requireSame(roomy.probes(), evidence.probes());
    }
  }

  private static Evidence evidence(Evaluator evaluator, PeftAdapter candidate)
      throws InterruptedException {
    try (CandidateModel model = bench.engine().candidate(candidate, 1)) {
      return evaluator.evaluate("acme", model, set, (done, total) -> {});
    }
  }

  private static void requireSame(List<PairedOutcome> expected, List<PairedOutcome> actual) {
    assertThat(actual).hasSameSizeAs(expected).isNotEmpty();
    for (int i = 0; i < expected.size(); i++) {
      PairedOutcome one = expected.get(i);
      PairedOutcome other = actual.get(i);
      assertThat(other.id()).isEqualTo(one.id());
      assertThat(other.input()).isEqualTo(one.input());
      assertThat(other.base()).as(one.id()).isEqualTo(one.base());
      assertThat(other.tuned()).as(one.id()).isEqualTo(one.tuned());
      Scores scores = one.scores().orElseThrow();
      Scores others = other.scores().orElseThrow();
      assertThat(others.kl()).as(one.id()).isCloseTo(scores.kl(), within(KERNELS));
      for (TokenClass tokenClass : TokenClass.values()) {
        assertThat(others.tuned().of(tokenClass))
            .isCloseTo(scores.tuned().of(tokenClass), within(KERNELS));
        assertThat(others.basePeak().of(tokenClass))
            .isCloseTo(scores.basePeak().of(tokenClass), within(KERNELS));
      }
    }
  }

  /** Those that are cancelled end at a step of the loop, so others are asked until they have. */
  private static void requireIdle() {
    AskedModel base = AskedModel.base(bench.engine(), settings(), "acme");
    for (int i = 0; i < 100; i++) {
      EngineStatistics now = bench.engine().statistics();
      if (now.running() == 0 && now.waiting() == 0) {
        return;
      }
      try {
        assertThat(base.answer(set.probes().getFirst().messages(), 16).text()).isNotEmpty();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    assertThat(bench.engine().statistics().running()).isZero();
    assertThat(bench.engine().statistics().waiting()).isZero();
  }

  private static EvaluationSettings settings() {
    return EvaluationSettings.defaults();
  }

  private static List<String> refusals(GateReport report) {
    return report.checks().stream().filter(Gate::refuses).map(Check::name).toList();
  }

  private static Check check(GateReport report, String name) {
    return report.checks().stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("No check %s in %s".formatted(name, report)));
  }

  private static JudgementListener tries(List<Float> tried) {
    return new Tries(tried);
  }

  /** Notes the scales. */
  private static class Tries implements JudgementListener {
    private final List<Float> tried;

    Tries(List<Float> tried) {
      this.tried = tried;
    }

    @Override
    public void evaluated(int done, int total) {}

    @Override
    public void trying(float scale) {
      tried.add(scale);
    }

    @Override
    public void judged(float scale, GateReport report) {}
  }
}
