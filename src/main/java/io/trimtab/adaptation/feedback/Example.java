package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A piece of feedback as it is kept. Its pictures are blobs of the store.
 *
 * @param feedbackId its own, within the tenant
 * @param predictionId of the prediction that it corrects, where it named one
 * @param conversation the turns before the answer
 * @param answer what the model said; may be empty
 * @param correction what it should have said; empty where there is only a rating
 * @param received by the server's clock, but after the last deletion of the adapter's name
 */
public record Example(
    AdapterId adapter,
    String feedbackId,
    Optional<String> predictionId,
    List<KeptMessage> conversation,
    String answer,
    String correction,
    OptionalDouble rating,
    List<String> tags,
    Instant received) {
  public Example {
    conversation = List.copyOf(conversation);
    tags = List.copyOf(tags);
  }

  /** The same, received at another time. */
  Example receivedAt(Instant time) {
    return new Example(
        adapter, feedbackId, predictionId, conversation, answer, correction, rating, tags, time);
  }

  /** Whether it can be trained on; a rating alone is kept and listed, no more. */
  public boolean hasCorrection() {
    return !correction.isEmpty();
  }
}
