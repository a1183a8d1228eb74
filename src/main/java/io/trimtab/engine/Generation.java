package io.trimtab.engine;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.Completion.FinishReason;
import io.trimtab.engine.api.Completion.Timings;
import io.trimtab.engine.api.Completion.Usage;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.engine.constraint.TokenConstraint;
import io.trimtab.engine.sampling.AdmittedLogprobs;
import io.trimtab.engine.sampling.LogitsRow;
import io.trimtab.engine.sampling.Sampler;
import io.trimtab.engine.sampling.SamplingWorkspace;
import io.trimtab.engine.sampling.TokenLogprobs;
import io.trimtab.engine.scheduling.RequestTicket;
import io.trimtab.engine.scheduling.Sequence;
import io.trimtab.engine.scheduling.Task;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Prompt;
import io.trimtab.model.text.StopMatcher;
import io.trimtab.model.text.TokenTextStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** An answer in the making: samples, ends, and streams whole characters to its listener. */
final class Generation implements Task {
  private final RequestTicket ticket;
  private final ServedBy servedBy;
  private final GenerationListener listener;
  private final Sampler sampler;
  private final SamplingWorkspace workspace;
  private final Set<Integer> endTokens;
  private final TokenTexts texts;
  private final PreparationCost cost;
  private final Prompt prompt;
  private final int maxTokens;
  private final Optional<ReadingBuffer> reading;
  private final StringBuilder answer = new StringBuilder();
  private int generated;
  private int cachedPromptTokens;
  private boolean ended;
  private long admittedNanos;
  private long firstTokenNanos;

  /**
   * What turns tokens into text for one request.
   *
   * @param stream the answer's characters
   * @param stops holds text back that may begin a stop text
   * @param topLogprobs alternatives to report with each token
   * @param readTokensMax most tokens whose reading comes back at the end
   */
  record TokenTexts(
      TokenTextStream stream, StopMatcher stops, int topLogprobs, int readTokensMax) {}

  /**
   * Microseconds that preparing the request took before it came to wait.
   *
   * @param beganNanos when, by {@link System#nanoTime}
   */
  record PreparationCost(long beganNanos, long preprocessMicros, long visionMicros) {}

  /**
   * @param workspace shared by all requests of one step loop
   * @param endTokens tokens that end the answer: the model's own unless ignored, and the request's
   * @param maxTokens most tokens to generate, 1 and above
   */
  Generation(
      RequestTicket ticket,
      ServedBy servedBy,
      GenerationListener listener,
      Sampler sampler,
      SamplingWorkspace workspace,
      Set<Integer> endTokens,
      TokenTexts texts,
      PreparationCost cost,
      Prompt prompt,
      int maxTokens) {
    this.ticket = ticket;
    this.servedBy = servedBy;
    this.listener = listener;
    this.sampler = sampler;
    this.workspace = workspace;
    this.endTokens = Set.copyOf(endTokens);
    this.texts = texts;
    this.cost = cost;
    this.prompt = prompt;
    this.maxTokens = maxTokens;
    this.reading =
        texts.readTokensMax == 0
            ? Optional.empty()
            : Optional.of(new ReadingBuffer(texts.readTokensMax));
  }

  @Override
  public LogitsRow.Coverage needs() {
    return sampler.needs();
  }

  @Override
  public int firstLogitsPosition() {
    return prompt.length() - 1;
  }

  @Override
  public int endLogitsPosition() {
    return prompt.length();
  }

  @Override
  public void admitted(int cachedPromptTokens) {
    this.cachedPromptTokens = cachedPromptTokens;
    admittedNanos = System.nanoTime();
    listener.started(servedBy);
  }

  @Override
  public Outcome accept(Sequence sequence, LogitsRow row) {
    int token = sampler.sample(row, workspace);
    // Before the constraint moves on: among what could have come in this place.
    List<TokenLogprob> logprobs = List.of(logprob(token, row));
    sampler.accepted(token);
    generated++;
    if (generated == 1) {
      firstTokenNanos = System.nanoTime();
    }
    reading.ifPresent(buffer -> buffer.read(token, row));
    if (endTokens.contains(token)) {
      return endWith("", logprobs, FinishReason.STOP);
    }
    StopMatcher.Result result = texts.stops.push(texts.stream.append(token));
    if (result.stopped()) {
      emit(result.text(), logprobs);
      finish(FinishReason.STOP);
      return Outcome.ENDED;
    }
    if (endTokens.isEmpty() && isComplete()) {
      return endWith(result.text(), logprobs, FinishReason.STOP);
    }
    if (generated == maxTokens) {
      return endWith(result.text(), logprobs, FinishReason.LENGTH);
    }
    emit(result.text(), logprobs);
    sequence.append(token);
    return Outcome.CONTINUES;
  }

  /**
   * After the last token nothing more can complete a character or a stop text: what was held back
   * goes out.
   */
  private Outcome endWith(String text, List<TokenLogprob> logprobs, FinishReason reason) {
    StopMatcher.Result last = texts.stops.push(texts.stream.finish());
    if (last.stopped()) {
      emit(text + last.text(), logprobs);
      finish(FinishReason.STOP);
    } else {
      emit(text + last.text() + texts.stops.flush(), logprobs);
      finish(reason);
    }
    return Outcome.ENDED;
  }

  @Override
  public void stopped(TrimtabException reason) {
    if (ended) {
      // The listener threw at its end; it has one all the same.
      return;
    }
    if (reason.code() == ErrorCode.CANCELLED && admittedNanos != 0) {
      finish(FinishReason.CANCELLED);
    } else {
      ended = true;
      listener.failed(reason);
    }
  }

  /** Whether a constraint has all it wants, for a model without a token that says so. */
  private boolean isComplete() {
    return sampler.constraint().map(TokenConstraint::isComplete).orElse(false);
  }

  private TokenLogprob logprob(int token, LogitsRow row) {
    return sampler
        .constraint()
        .map(
            constraint ->
                AdmittedLogprobs.of(
                    token, row, constraint, workspace, texts.stream, texts.topLogprobs))
        .orElseGet(() -> TokenLogprobs.of(token, row, texts.stream, texts.topLogprobs));
  }

  private void emit(String text, List<TokenLogprob> logprobs) {
    answer.append(text);
    listener.delta(text, logprobs);
  }

  private void finish(FinishReason reason) {
    ended = true;
    listener.finished(
        new Completion(
            reason,
            answer.toString(),
            new Usage(prompt.length(), prompt.imageTokens(), generated, cachedPromptTokens),
            timings(System.nanoTime()),
            reading.map(buffer -> buffer.reading(prompt))));
  }

  private Timings timings(long now) {
    long first = generated == 0 ? now : firstTokenNanos;
    long preparation = cost.preprocessMicros + cost.visionMicros;
    long queue = Math.max(0, (admittedNanos - ticket.arrivedNanos()) / 1_000 - preparation);
    return new Timings(
        queue,
        cost.preprocessMicros,
        cost.visionMicros,
        (first - admittedNanos) / 1_000,
        (now - first) / 1_000,
        Math.clamp((cost.beganNanos - ticket.arrivedNanos()) / 1_000, 0, queue));
  }
}
