package io.trimtab.adaptation.gate;

import io.trimtab.drift.ClassMasses;
import io.trimtab.drift.Divergence;
import io.trimtab.drift.Quantities;
import io.trimtab.drift.QuestionKey;
import io.trimtab.drift.QuestionWords;
import io.trimtab.drift.RankedLogprobs;
import io.trimtab.drift.Shift;
import io.trimtab.drift.TokenClass;
import io.trimtab.drift.TokenClasses;
import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.TrimtabException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One question put to base and candidate: their answers, and base's answer read by both. */
final class ItemEvaluation {
  /** What became of a question. */
  sealed interface Result {
    /** Both answered. */
    record Paired(PairedOutcome outcome) implements Result {}

    /** One of them did not. */
    record Missing(Evidence.Gap gap) implements Result {}
  }

  private final AskedModel base;
  private final AskedModel candidate;
  private final TokenClasses classes;
  private final BaseAnswers kept;
  private final @Nullable Quantities live;

  /**
   * @param live what the drift watch will measure of the candidate's answers; null for nothing
   */
  ItemEvaluation(
      AskedModel base,
      AskedModel candidate,
      TokenClasses classes,
      BaseAnswers kept,
      @Nullable Quantities live) {
    this.base = base;
    this.candidate = candidate;
    this.classes = classes;
    this.kept = kept;
    this.live = live;
  }

  /**
   * Blocks until both have answered.
   *
   * @throws TrimtabException where the engine has no room or is stopping, which says nothing about
   *     the candidate
   */
  Result of(EvaluationItem item) throws InterruptedException {
    String input = QuestionKey.hex(item.messages());
    int tokensMax;
    BaseAnswer standard;
    try {
      tokensMax = base.tokensMax(item.expected());
      standard = baseAnswer(item, input, tokensMax);
    } catch (TrimtabException e) {
      return missing(item, Evidence.Party.BASE, e);
    }
    try {
      Completion answer = candidate.answer(item.messages(), tokensMax);
      return new Result.Paired(
          new PairedOutcome(
              item.id(),
              item.task(),
              input,
              QuestionWords.of(item.messages()),
              item.expected().map(AnswerText::normal),
              standard.reply(),
              reply(answer),
              scores(item, standard),
              shift(item, answer)));
    } catch (TrimtabException e) {
      return missing(item, Evidence.Party.TUNED, e);
    }
  }

  /** The candidate's own answer, read by base as a live one would be. */
  private Optional<Shift> shift(EvaluationItem item, Completion answer)
      throws InterruptedException {
    Quantities quantities = live;
    Optional<AnswerReading> tuned = answer.reading().filter(reading -> reading.places() > 0);
    if (quantities == null || tuned.isEmpty()) {
      return Optional.empty();
    }
    AnswerReading ofBase = base.read(item.messages(), tuned.get());
    return Optional.of(quantities.measure(ofBase, tuned.get()));
  }

  private BaseAnswer baseAnswer(EvaluationItem item, String input, int tokensMax)
      throws InterruptedException {
    // Cut elsewhere, it may be another.
    String asked = input + "/" + tokensMax;
    Optional<BaseAnswer> known = kept.get(asked);
    if (known.isPresent()) {
      return known.get();
    }
    Completion completion = base.answer(item.messages(), tokensMax);
    String raw = completion.text();
    List<TokenLogprob> tokens = raw.isEmpty() ? List.of() : base.score(item.messages(), raw);
    BaseAnswer answer =
        new BaseAnswer(
            raw,
            reply(completion),
            tokens.stream().map(token -> RankedLogprobs.of(token.top())).toList(),
            masses(tokens));
    kept.put(asked, answer);
    return answer;
  }

  private Optional<Scores> scores(EvaluationItem item, BaseAnswer standard)
      throws InterruptedException {
    if (standard.rows().isEmpty()) {
      return Optional.empty();
    }
    List<TokenLogprob> tokens = candidate.score(item.messages(), standard.raw());
    if (tokens.size() != standard.rows().size()) {
      throw new IllegalStateException(
          "The same answer has %d tokens under base and %d under the candidate"
              .formatted(standard.rows().size(), tokens.size()));
    }
    double kl = 0;
    for (int i = 0; i < tokens.size(); i++) {
      kl += Divergence.lowerBound(standard.rows().get(i), RankedLogprobs.of(tokens.get(i).top()));
    }
    List<ClassMasses> tuned = masses(tokens);
    return Optional.of(
        new Scores(
            kl / tokens.size(),
            mean(standard.masses()),
            mean(tuned),
            peak(standard.masses()),
            peak(tuned)));
  }

  private List<ClassMasses> masses(List<TokenLogprob> tokens) {
    List<ClassMasses> masses = new ArrayList<>(tokens.size());
    tokens.forEach(token -> masses.add(classes.masses(token.top())));
    return masses;
  }

  private Reply reply(Completion completion) {
    return new Reply(
        AnswerText.normal(completion.text()),
        classes.ofAnswer(completion.text()),
        completion.usage().completionTokens());
  }

  private static ClassMasses mean(List<ClassMasses> places) {
    return ClassMasses.of(
        tokenClass ->
            tokenClass == TokenClass.END
                ? places.getFirst().end()
                : places.stream().mapToDouble(place -> place.of(tokenClass)).average().orElse(0));
  }

  private static ClassMasses peak(List<ClassMasses> places) {
    return ClassMasses.of(
        tokenClass ->
            tokenClass == TokenClass.END
                ? places.getFirst().end()
                : places.stream().mapToDouble(place -> place.of(tokenClass)).max().orElse(0));
  }

  /** Only what the model itself is at fault for is evidence; the rest ends the evaluation. */
  private static Result missing(EvaluationItem item, Evidence.Party party, TrimtabException e) {
    return switch (e.code()) {
      case INVALID_ARGUMENT, FAILED_PRECONDITION, INTERNAL, NOT_FOUND ->
          new Result.Missing(new Evidence.Gap(item.id(), party, String.valueOf(e.getMessage())));
      case UNAUTHENTICATED, RESOURCE_EXHAUSTED, UNAVAILABLE, CANCELLED, DEADLINE_EXCEEDED ->
          throw e;
    };
  }
}
