package io.trimtab.engine;

import io.trimtab.model.text.Picture;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Requests in, tokens out: what the edges see of the engine. Safe for use by many threads; no call
 * blocks.
 */
public interface InferenceEngine {
  /**
   * Takes a request in.
   *
   * @throws io.trimtab.error.TrimtabException RESOURCE_EXHAUSTED when the queue is full,
   *     UNAVAILABLE when the engine is stopping; whatever is found wrong later goes to the listener
   */
  RequestHandle generate(GenerationRequest request, GenerationListener listener);

  /**
   * Scores; completes exceptionally with a TrimtabException. Cancelling the future ends the
   * request.
   */
  CompletableFuture<ScoringResult> score(ScoringRequest request);

  /** A picture that this tenant has sent before and that is still kept, by sha-256 hex digest. */
  Optional<Picture> picture(String tenant, String sha256);

  ModelSummary model();

  /** Tokens generated when a request names no {@code max_tokens}. */
  int defaultMaxTokens();
}
