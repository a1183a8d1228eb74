package io.trimtab.drift;

import io.trimtab.engine.api.AnswerReading;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Generator;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.ReadingRequest;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * An engine a share of whose answers are read by base as well, once they are finished: one
 * teacher-forced prefill over the same tokens, in the background. Callers notice nothing of it: the
 * answer is out before base is asked, and where there is no room the answer is not read at all.
 *
 * <p>Requests in the background (the gate's, the probes') are left alone, and so is what base
 * answered itself. Any thread; nothing here blocks.
 */
public final class ShadowedGenerator implements Generator {
  private static final System.Logger LOG = System.getLogger(ShadowedGenerator.class.getName());

  private final InferenceEngine engine;
  private final Quantities quantities;
  private final DriftWatch watch;
  private final WatchSettings settings;
  private final Executor measuring;
  private final AtomicInteger pending = new AtomicInteger();
  private final LongAdder chosen = new LongAdder();
  private final LongAdder read = new LongAdder();
  private final LongAdder tokens = new LongAdder();
  private final LongAdder leftOut = new LongAdder();
  private final LongAdder failed = new LongAdder();

  /**
   * @param measuring where two readings are compared, off the engine's thread: some hundred
   *     microseconds an answer
   */
  public ShadowedGenerator(
      InferenceEngine engine,
      Quantities quantities,
      DriftWatch watch,
      WatchSettings settings,
      Executor measuring) {
    this.engine = engine;
    this.quantities = quantities;
    this.watch = watch;
    this.settings = settings;
    this.measuring = measuring;
  }

  @Override
  public RequestHandle generate(GenerationRequest request, GenerationListener listener) {
    // What is no conversation is no question either, which drift is watched by.
    if (request.priority() != Priority.INTERACTIVE
        || request.rawPrompt().isPresent()
        || settings.share() <= ThreadLocalRandom.current().nextDouble()) {
      return engine.generate(request, listener);
    }
    return engine.generate(request.read(settings.tokensMax()), new Shadowed(request, listener));
  }

  /** Of finished live requests, how many base reads as well, 0 to 1. */
  public double share() {
    return settings.share();
  }

  public ShadowStatistics statistics() {
    return new ShadowStatistics(
        chosen.sum(), read.sum(), tokens.sum(), leftOut.sum(), failed.sum());
  }

  private void shadow(
      String tenant, List<ChatMessage> messages, ServedBy servedBy, AnswerReading tuned) {
    chosen.increment();
    if (pending.incrementAndGet() > settings.pendingMax()) {
      pending.decrementAndGet();
      leftOut.increment();
      return;
    }
    Served served = Served.of(tenant, servedBy);
    try {
      var _ =
          engine
              .read(
                  new ReadingRequest(
                      "shadow-" + Long.toHexString(ThreadLocalRandom.current().nextLong()),
                      tenant,
                      ServedBy.BASE,
                      messages,
                      tuned.prompt(),
                      tuned.tokens(),
                      Priority.BACKGROUND))
              .thenAcceptAsync(base -> measure(served, messages, base, tuned), measuring)
              .whenComplete((_, failure) -> ended(served, failure));
    } catch (RuntimeException refusal) {
      ended(served, refusal);
    }
  }

  private void measure(
      Served served, List<ChatMessage> messages, AnswerReading base, AnswerReading tuned) {
    Shift shift = quantities.measure(base, tuned);
    if (!shift.finite()) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION, "The readings hold what is no number");
    }
    watch.observe(served, shift, QuestionWords.of(messages), QuestionKey.of(messages));
    read.increment();
    tokens.add(shift.places());
  }

  private void ended(Served served, @Nullable Throwable failure) {
    pending.decrementAndGet();
    if (failure == null) {
      return;
    }
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof TrimtabException refusal
        && (refusal.code() == ErrorCode.RESOURCE_EXHAUSTED
            || refusal.code() == ErrorCode.UNAVAILABLE)) {
      leftOut.increment();
      return;
    }
    failed.increment();
    LOG.log(
        System.Logger.Level.DEBUG, () -> "An answer of %s was not read".formatted(served), cause);
  }

  /** Hands everything on, and has base read the answer when it is out. */
  private final class Shadowed implements GenerationListener {
    private final GenerationRequest request;
    private final GenerationListener caller;
    private @Nullable ServedBy servedBy;

    /**
     * @param request the caller's, which may ask for no reading
     */
    Shadowed(GenerationRequest request, GenerationListener caller) {
      this.request = request;
      this.caller = caller;
    }

    @Override
    public void started(ServedBy by) {
      servedBy = by;
      caller.started(by);
    }

    @Override
    public void delta(String text, List<TokenLogprob> logprobs) {
      caller.delta(text, logprobs);
    }

    @Override
    public void finished(Completion completion) {
      caller.finished(request.readTokensMax() == 0 ? completion.unread() : completion);
      ServedBy by = servedBy;
      if (by != null
          && by.revision() != 0
          && completion.reason() != Completion.FinishReason.CANCELLED) {
        completion
            .reading()
            .filter(tuned -> tuned.places() > 0)
            .ifPresent(tuned -> shadow(request.tenant(), request.messages(), by, tuned));
      }
    }

    @Override
    public void failed(TrimtabException reason) {
      caller.failed(reason);
    }
  }
}
