package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import io.trimtab.store.LineName;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;

/**
 * What has to be known of a kept example without reading it.
 *
 * @param digests of its pictures
 */
record IndexedExample(
    LineName line,
    AdapterId adapter,
    String feedbackId,
    Optional<String> predictionId,
    Content content,
    Set<String> digests,
    Instant received,
    Optional<ExampleState.Retracted> retraction) {
  /** What somebody said about the answer. */
  enum Content {
    CORRECTION,
    RATING_ALONE
  }

  static final Comparator<IndexedExample> OLDEST_FIRST =
      Comparator.comparing(IndexedExample::received).thenComparing(IndexedExample::feedbackId);

  static IndexedExample of(
      LineName line, Example example, Optional<ExampleState.Retracted> retraction) {
    return new IndexedExample(
        line,
        example.adapter(),
        example.feedbackId(),
        example.predictionId(),
        example.hasCorrection() ? Content.CORRECTION : Content.RATING_ALONE,
        Set.copyOf(Conversations.digests(example.conversation())),
        example.received(),
        retraction);
  }

  IndexedExample with(ExampleState.Retracted retracted) {
    return new IndexedExample(
        line,
        adapter,
        feedbackId,
        predictionId,
        content,
        digests,
        received,
        Optional.of(retracted));
  }

  /** Whether it is a correction that stands. */
  boolean corrects() {
    return content == Content.CORRECTION && retraction.isEmpty();
  }
}
