package io.trimtab.engine;

import io.trimtab.engine.Generation.TokenTexts;
import io.trimtab.engine.RequestPreparation.Prepared;
import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.ReadingRequest;
import io.trimtab.engine.api.ResponseFormat;
import io.trimtab.engine.api.SamplingParameters;
import io.trimtab.engine.api.SamplingParameters.EndTokens;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.constraint.Constraints;
import io.trimtab.engine.constraint.TokenConstraint;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.engine.sampling.Sampler;
import io.trimtab.engine.sampling.SamplingWorkspace;
import io.trimtab.engine.scheduling.RequestTicket;
import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.engine.scheduling.Task;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.StopMatcher;
import io.trimtab.model.text.TextTokenizer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Prepares what is asked and makes the step loop's sequence of it: the tokens to run, and the task
 * that takes what comes of them. Every method throws INVALID_ARGUMENT for what can't be read, can't
 * be sampled or is too long. Any thread.
 */
final class RequestSequences {
  private final RequestPreparation preparation;
  private final TextTokenizer tokenizer;
  private final Constraints constraints;
  private final SamplingWorkspace workspace;
  private final Set<Integer> endTokens;
  private final int vocabulary;
  private final int defaultMaxTokens;
  private final int sequenceTokensMax;

  /**
   * @param endTokens with which the model ends an answer
   * @param vocabulary logits of a token
   * @param defaultMaxTokens of an answer whose request says none
   * @param sequenceTokensMax prompt and answer together
   */
  RequestSequences(
      RequestPreparation preparation,
      TextTokenizer tokenizer,
      Set<Integer> endTokens,
      int vocabulary,
      int defaultMaxTokens,
      int sequenceTokensMax) {
    this.preparation = preparation;
    this.tokenizer = tokenizer;
    this.constraints = new Constraints(tokenizer, vocabulary);
    this.workspace = new SamplingWorkspace(vocabulary);
    this.endTokens = Set.copyOf(endTokens);
    this.vocabulary = vocabulary;
    this.defaultMaxTokens = defaultMaxTokens;
    this.sequenceTokensMax = sequenceTokensMax;
  }

  /** An answer to be made. */
  Sequence of(
      GenerationRequest request,
      RequestTicket ticket,
      ServedBy servedBy,
      DeltaLease lease,
      GenerationListener listener) {
    SamplingParameters sampling = request.sampling();
    Set<Integer> ends = ends(request);
    Optional<TokenConstraint> constraint = constraint(request.format(), ids(ends));
    int room = Math.max(1, Math.max(sampling.maxTokens(), sampling.minTokens()));
    Prepared prepared =
        request.rawPrompt().isPresent()
            ? preparation.prepare(request.rawPrompt().get(), room, lease.delta())
            : preparation.prepare(request.tenant(), request.messages(), "", room, lease.delta());
    int promptTokens = prepared.prompt().length();
    int maxTokens =
        Math.min(sampling.maxTokensOr(defaultMaxTokens), sequenceTokensMax - promptTokens);
    Generation generation =
        new Generation(
            ticket,
            servedBy,
            listener,
            new Sampler(
                sampling, vocabulary, prepared.prompt().tokenIds(), ids(endTokens), constraint),
            workspace,
            ends,
            new TokenTexts(
                tokenizer.newStream(),
                new StopMatcher(sampling.stop()),
                sampling.topLogprobs(),
                request.readTokensMax()),
            prepared.cost(),
            prepared.prompt(),
            maxTokens);
    return sequence(ticket, prepared, lease, generation, promptTokens + maxTokens);
  }

  /** Refusals begin with the field that both edges have for it. */
  private Optional<TokenConstraint> constraint(ResponseFormat format, int[] ends) {
    try {
      return constraints.of(format, ends);
    } catch (TrimtabException e) {
      throw new TrimtabException(e.code(), "response_format: " + e.getMessage(), e);
    }
  }

  /**
   * Tokens that end the answer. One of a given form is over when it is complete, ignored or not.
   */
  private Set<Integer> ends(GenerationRequest request) {
    Set<Integer> ends = new HashSet<>(request.sampling().stopTokenIds());
    if (request.sampling().endTokens() == EndTokens.STOP
        || !request.format().equals(ResponseFormat.TEXT)) {
      ends.addAll(endTokens);
    }
    return ends;
  }

  private static int[] ids(Set<Integer> tokens) {
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Given text to be scored. */
  Sequence of(
      ScoringRequest request,
      RequestTicket ticket,
      ServedBy servedBy,
      DeltaLease lease,
      CompletableFuture<ScoringResult> result) {
    Prepared prepared =
        preparation.prepare(
            request.tenant(), request.messages(), request.continuation(), 0, lease.delta());
    int length = prepared.tokens().length;
    if (length < 2) {
      throw TrimtabException.invalid("The prompt has one token, expected another to be scored");
    }
    Scoring scoring =
        new Scoring(
            servedBy,
            result,
            tokenizer.newStream(),
            prepared.prompt().length(),
            length,
            request.positions(),
            request.topLogprobs());
    return sequence(ticket, prepared, lease, scoring, length);
  }

  /** Given tokens to be read. */
  Sequence of(
      ReadingRequest request,
      RequestTicket ticket,
      DeltaLease lease,
      CompletableFuture<AnswerReading> result) {
    Prepared prepared =
        preparation.prepareAgain(
            request.tenant(),
            request.messages(),
            request.prompt(),
            request.tokens(),
            lease.delta());
    int length = prepared.tokens().length;
    Reading reading = new Reading(result, prepared.prompt(), length);
    return sequence(ticket, prepared, lease, reading, length);
  }

  private static Sequence sequence(
      RequestTicket ticket, Prepared prepared, DeltaLease lease, Task task, int lengthMax) {
    return new Sequence(
        ticket,
        prepared.prompt(),
        prepared.images(),
        lease,
        task,
        prepared.prefixKeys(),
        prepared.tokens(),
        lengthMax);
  }
}
