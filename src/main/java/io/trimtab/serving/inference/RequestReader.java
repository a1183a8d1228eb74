package io.trimtab.serving.inference;

import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.engine.api.Priority;
import io.trimtab.engine.api.ScoringRequest;
import io.trimtab.engine.api.ScoringRequest.Positions;
import io.trimtab.serving.NameSyntax;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.grpc.Caller;
import io.trimtab.v1.GenerateRequest;
import io.trimtab.v1.ScoreRequest;

/**
 * Reads requests from the wire into the engine's own records. Refuses with INVALID_ARGUMENT, and
 * with NOT_FOUND for a picture that is not kept. Takes time in proportion to the pictures' bytes,
 * which it digests: not for an event loop.
 */
final class RequestReader {
  private final InferenceEngine engine;
  private final ServingLimits limits;

  RequestReader(InferenceEngine engine, ServingLimits limits) {
    this.engine = engine;
    this.limits = limits;
  }

  GenerationRequest generation(String requestId, GenerateRequest request, Caller caller) {
    return new GenerationRequest(
        requestId,
        caller.tenant(),
        NameSyntax.requireAdapter(request.getAdapter()),
        new ConversationReader(engine, limits, caller.tenant())
            .messages(request.getMessagesList(), ""),
        SamplingReader.read(request.getSampling()),
        caller.deadline());
  }

  ScoringRequest scoring(String requestId, ScoreRequest request, Caller caller) {
    ConversationReader conversation = new ConversationReader(engine, limits, caller.tenant());
    return new ScoringRequest(
        requestId,
        caller.tenant(),
        NameSyntax.requireAdapter(request.getAdapter()),
        conversation.messages(request.getMessagesList(), request.getContinuation()),
        request.getContinuation(),
        request.getPromptLogprobs() ? Positions.PROMPT_AND_CONTINUATION : Positions.CONTINUATION,
        caller.deadline(),
        SamplingReader.unsigned("top_logprobs", request.getTopLogprobs()),
        Priority.INTERACTIVE);
  }
}
