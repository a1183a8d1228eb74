package io.trimtab.engine.api;

import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.model.text.Picture;
import java.util.List;
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

  /**
   * Has a model read an answer that was given already, by the same tokens. Completes exceptionally
   * with a TrimtabException. Cancelling the future ends the request.
   */
  CompletableFuture<AnswerReading> read(ReadingRequest request);

  /** A picture that this tenant has sent before and that is still kept, by sha-256 hex digest. */
  Optional<Picture> picture(String tenant, String sha256);

  ModelSummary model();

  /** The model's tokens. */
  TokenCodec tokens();

  /**
   * How far a delta moves the model: the largest change of a log-probability on a fixed probe (a
   * text and a picture), delta against base. 0 means that it does nothing; infinite or NaN that the
   * model computes no numbers under it.
   */
  CompletableFuture<Float> outputChange(PeftAdapter adapter);

  /**
   * A conversation with the answer that a delta is to learn. Completes exceptionally with a
   * TrimtabException.
   */
  CompletableFuture<EncodedConversation> encode(
      String tenant, List<ChatMessage> messages, String answer);

  /**
   * The model under a delta that is not published, which must be closed.
   *
   * @param scale 0 (base) to 1 (as tuned)
   * @throws TrimtabException RESOURCE_EXHAUSTED where host memory has no room for it
   */
  CandidateModel candidate(PeftAdapter adapter, float scale);

  /**
   * Loads a revision into host memory, so that the next request that names it need not wait.
   * Completes exceptionally with a TrimtabException.
   */
  CompletableFuture<Void> preload(ResolvedRevision revision);

  /**
   * Takes a revision out of host memory, unless a request or a lease uses it; the next request that
   * names it loads it again.
   *
   * @return whether it is not there now
   */
  boolean unload(ResolvedRevision revision);

  /** Loads a revision into host memory, where it stays until the lease is closed. */
  CompletableFuture<DeltaLease> pin(ResolvedRevision revision);

  /** What it has done since it started. */
  EngineStatistics statistics();

  /** Where deltas are now, and what was done to bring them there. */
  DeltaStatistics deltaStatistics();

  /**
   * The decode steps since the one with that number (see {@link EngineStatistics#decodeSteps}); the
   * latest 65536 where there were more.
   */
  StepTimes stepsSince(long first);

  /** Whether requests would be answered now. */
  EngineHealth health();
}
