package io.trimtab.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.engine.api.CandidateModel;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.RecordingListener;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.RotaryFrequencies;
import io.trimtab.testing.PeftFolder;
import io.trimtab.testing.ReferenceCase;
import io.trimtab.testing.Shared;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A delta that no name leads to answers as it would if one did, and is gone once closed. */
class CandidateModelTest {
  private static final String MODEL = "reference/llava-onevision";
  private static FolderRevisions revisions;
  private static Engine engine;

  @BeforeAll
  static void open() {
    revisions = new FolderRevisions(MODEL);
    revisions.put("full", PeftFolder.reference("llava-onevision", "sa-proj"));
    revisions.put("damped", PeftFolder.reference("llava-onevision", "sa-proj"), 0.5f);
    engine =
        OpenedEngines.open(
            MODEL, OpenedEngines.options(4, 512), RotaryFrequencies.FLOAT32, revisions);
    engine.start();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void itScoresAsTheSameDeltaDoesUnderAName() throws Exception {
    try (Arena arena = Arena.ofShared();
        CandidateModel whole = engine.candidate(adapter(arena), 1);
        CandidateModel half = engine.candidate(adapter(arena), 0.5f)) {
      requireSame(
          engine.score(scoring("full")).get(60, TimeUnit.SECONDS),
          whole.score(scoring("")).get(60, TimeUnit.SECONDS));
      requireSame(
          engine.score(scoring("damped")).get(60, TimeUnit.SECONDS),
          half.score(scoring("")).get(60, TimeUnit.SECONDS));
    }
  }

  @Test
  void itGeneratesWhatTheNameGenerates() {
    Question question = new Question(reference().messages(), ParityTest.TWELVE_TOKENS);
    RecordingListener named = question.ask(engine, "default", "full");
    RecordingListener unnamed = new RecordingListener();
    try (Arena arena = Arena.ofShared();
        CandidateModel candidate = engine.candidate(adapter(arena), 1)) {
      candidate.generate(
          new GenerationRequest(
              "r",
              "default",
              "",
              question.messages(),
              question.sampling(),
              Optional.empty(),
              Priority.BACKGROUND),
          unnamed);
      assertThat(unnamed.completion().text()).isEqualTo(named.completion().text());
    }
  }

  @Test
  void alternativesComeWithTheScoresWhenAskedFor() throws Exception {
    ScoringRequest request =
        new ScoringRequest(
            "r",
            "default",
            "base",
            reference().messages(),
            "a",
            Positions.CONTINUATION,
            Optional.empty(),
            5,
            Priority.BACKGROUND);
    for (TokenLogprob token : engine.score(request).get(60, TimeUnit.SECONDS).tokens()) {
      assertThat(token.top()).hasSize(5);
      assertThat(token.logprob()).isLessThanOrEqualTo(token.top().getFirst().logprob());
    }
    assertThatThrownBy(
            () ->
                new ScoringRequest(
                    "r",
                    "t",
                    "",
                    List.of(),
                    "a",
                    Positions.CONTINUATION,
                    Optional.empty(),
                    65,
                    Priority.BACKGROUND))
        .hasMessage("65 alternatives of each token are asked for, expected 0 to 64");
  }

  @Test
  void aClosedOneTakesNoRequest() {
    try (Arena arena = Arena.ofShared()) {
      CandidateModel candidate = engine.candidate(adapter(arena), 1);
      candidate.close();
      candidate.close();
      assertThatThrownBy(() -> candidate.score(scoring("")))
          .isInstanceOfSatisfying(
              TrimtabException.class,
              reason -> assertThat(reason.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION));
      // The permit that it took before it asked for the delta was given back.
      assertThat(engine.statistics().waiting()).isZero();
    }
  }

  private static void requireSame(ScoringResult expected, ScoringResult actual) {
    assertThat(actual.tokens()).hasSameSizeAs(expected.tokens()).isNotEmpty();
    for (int i = 0; i < expected.tokens().size(); i++) {
      assertThat(actual.tokens().get(i).logprob())
          .isCloseTo(expected.tokens().get(i).logprob(), within(1e-5f));
    }
  }

  private static ScoringRequest scoring(String adapter) {
    return new ScoringRequest(
        "r",
        "default",
        adapter,
        reference().messages(),
        "a red circle",
        Positions.CONTINUATION,
        Optional.empty());
  }

  private static ReferenceCase reference() {
    return new ReferenceCase(MODEL, Shared.path(MODEL + "/adapters/sa-proj/cases/one-image"));
  }

  private static PeftAdapter adapter(Arena arena) {
    return revisions.read(PeftFolder.reference("llava-onevision", "sa-proj"), arena);
  }
}
