package io.trimtab.engine;

import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.engine.api.ScoringResult;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import io.trimtab.model.text.PicturePart;
import io.trimtab.model.text.Role;
import io.trimtab.model.text.TextPart;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The fixed probe: one picture, one question and one answer, scored under a delta and under base. A
 * delta that changes none of these log-probabilities does nothing.
 *
 * <p>One at a time, base and then the delta: what is laid out for a probe is beside the memory set
 * aside for adapters, and its requests take one place in the queue. Any thread; the lock guards
 * whose turn it is.
 */
final class OutputProbe {
  /** No tenant's name may have brackets, so it takes turns with all of them. */
  private static final String TENANT = "(probe)";

  private static final String PICTURE = "/io/trimtab/engine/probe.png";

  private final Scorer scorer;
  private final Executor executor;

  /** What the next one waits for. */
  private CompletableFuture<Float> last = CompletableFuture.completedFuture(0f);

  /** Scores under a delta that no name stands for, asked for once the request is let in. */
  interface Scorer {
    CompletableFuture<ScoringResult> score(ScoringRequest request, Supplier<DeltaLease> lease);
  }

  /**
   * @param executor where deltas are laid out
   */
  OutputProbe(Scorer scorer, Executor executor) {
    this.scorer = scorer;
    this.executor = executor;
  }

  /**
   * Largest difference of a token's log-probability; NaN where the model computes no numbers under
   * the delta.
   */
  synchronized CompletableFuture<Float> change(Supplier<DeltaLease> tuned) {
    CompletableFuture<Float> probe =
        last.handle((_, _) -> 0f).thenComposeAsync(_ -> probe(tuned), executor);
    last = probe;
    return probe;
  }

  private CompletableFuture<Float> probe(Supplier<DeltaLease> tuned) {
    return scorer
        .score(request(), DeltaLease::ofBase)
        .thenComposeAsync(
            ofBase ->
                scorer
                    .score(request(), tuned)
                    .exceptionally(OutputProbe::noNumbers)
                    .thenApply(result -> largest(ofBase, result)),
            executor);
  }

  private static ScoringRequest request() {
    return new ScoringRequest(
        "probe",
        TENANT,
        ServedBy.BASE,
        List.of(
            new ChatMessage(
                Role.USER,
                List.of(
                    new PicturePart(picture()),
                    new TextPart("What is in the picture, and how many of each?")))),
        "There are 3 red circles and one blue square on a white background.",
        Positions.PROMPT_AND_CONTINUATION,
        Optional.empty());
  }

  private static Picture picture() {
    try (InputStream resource = OutputProbe.class.getResourceAsStream(PICTURE)) {
      if (resource == null) {
        throw new IllegalStateException("The program lacks its resource " + PICTURE);
      }
      return Picture.of(resource.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** No tokens at all stand for numbers that could not be computed. */
  private static ScoringResult noNumbers(Throwable failure) {
    Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    if (cause instanceof TrimtabException refusal
        && refusal.code() == ErrorCode.FAILED_PRECONDITION) {
      return new ScoringResult(ServedBy.base("", ""), List.of(), List.of());
    }
    throw cause instanceof RuntimeException known ? known : new CompletionException(cause);
  }

  private static float largest(ScoringResult base, ScoringResult tuned) {
    if (tuned.tokens().isEmpty()) {
      return Float.NaN;
    }
    return Math.max(
        largest(base.promptTokens(), tuned.promptTokens()), largest(base.tokens(), tuned.tokens()));
  }

  private static float largest(List<TokenLogprob> base, List<TokenLogprob> tuned) {
    float largest = 0;
    for (int i = 0; i < base.size(); i++) {
      float change = Math.abs(base.get(i).logprob() - tuned.get(i).logprob());
      largest = Float.isNaN(change) ? Float.NaN : Math.max(largest, change);
    }
    return largest;
  }
}
