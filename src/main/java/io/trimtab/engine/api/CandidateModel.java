package io.trimtab.engine.api;

import java.util.concurrent.CompletableFuture;

/**
 * The model under a delta that no name leads to: what a candidate is judged by, in the very graph
 * and precision that would serve it. Closing it frees the delta once its requests have ended. The
 * requests' own adapter is not looked at. Any thread.
 */
public interface CandidateModel extends AutoCloseable {
  RequestHandle generate(GenerationRequest request, GenerationListener listener);

  CompletableFuture<ScoringResult> score(ScoringRequest request);

  @Override
  void close();
}
