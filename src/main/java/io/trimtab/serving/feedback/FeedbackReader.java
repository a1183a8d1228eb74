package io.trimtab.serving.feedback;

import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackCheck;
import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.model.text.ChatMessage;
import io.trimtab.serving.ServingLimits;
import io.trimtab.serving.adapters.AdapterReader;
import io.trimtab.serving.inference.ConversationReader;
import io.trimtab.v1.FeedbackRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;

/**
 * Reads feedback from the wire, and refuses at once what would be a dead letter later. The tenant
 * is the caller's, whatever the message says. Decodes pictures: not for an event loop.
 */
final class FeedbackReader {
  private final InferenceEngine engine;
  private final ServingLimits limits;
  private final FeedbackCheck check;

  FeedbackReader(InferenceEngine engine, ServingLimits limits, FeedbackCheck check) {
    this.engine = engine;
    this.limits = limits;
    this.check = check;
  }

  Feedback read(String tenant, FeedbackRequest request) {
    AdapterId adapter = AdapterReader.id(tenant, request.getAdapter());
    List<ChatMessage> messages =
        request.getMessagesCount() == 0
            ? List.of()
            : new ConversationReader(engine, limits, tenant)
                .messages(request.getMessagesList(), request.getAnswer());
    Feedback feedback =
        new Feedback(
            request.getFeedbackId().isEmpty()
                ? UUID.randomUUID().toString()
                : request.getFeedbackId(),
            adapter,
            request.getPredictionId().isEmpty()
                ? Optional.empty()
                : Optional.of(request.getPredictionId()),
            messages,
            request.getAnswer(),
            request.getCorrection(),
            request.hasRating() ? OptionalDouble.of(request.getRating()) : OptionalDouble.empty(),
            request.getTagsList());
    check.check(feedback);
    return feedback;
  }
}
