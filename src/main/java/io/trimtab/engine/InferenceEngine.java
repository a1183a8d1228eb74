package io.trimtab.engine;

import io.trimtab.model.text.Picture;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Requests in, tokens out: what the edges see of the engine. Safe for use by many threads; no call
 * blocks.
 */
public interface InferenceEngine extends Generator {
  /**
   * Scores; completes exceptionally with a TrimtabException. Cancelling the future ends the
   * request.
   */
  CompletableFuture<ScoringResult> score(ScoringRequest request);

  /** A picture that this tenant has sent before and that is still kept, by sha-256 hex digest. */
  Optional<Picture> picture(String tenant, String sha256);

  ModelSummary model();

  /** Whether requests would be answered now. */
  EngineHealth health();

  /** Tokens generated when a request names no {@code max_tokens}. */
  int defaultMaxTokens();
}
