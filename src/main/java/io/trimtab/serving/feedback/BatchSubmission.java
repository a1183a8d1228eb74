package io.trimtab.serving.feedback;

import io.trimtab.error.TrimtabException;
import io.trimtab.events.HttpFeedback.Event;
import io.trimtab.serving.http.HttpFailure;
import io.trimtab.v1.FeedbackReceipt;
import io.trimtab.v1.FeedbackSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * A batch of events on its way to the log: all are sent, in their order, then all are waited for.
 */
final class BatchSubmission {
  private BatchSubmission() {}

  /**
   * Submits a batch.
   *
   * @return how many were accepted, and an error for each of the others, counted from 0
   * @throws RuntimeException the first failure, where none was accepted
   */
  static FeedbackSummary submit(
      FeedbackSubmissions submissions, String tenant, List<Event> events) {
    List<CompletableFuture<FeedbackReceipt>> sent = new ArrayList<>(events.size());
    for (Event event : events) {
      sent.add(sent(submissions, tenant, event));
    }
    FeedbackSummary.Builder summary = FeedbackSummary.newBuilder();
    RuntimeException first = null;
    for (int i = 0; i < sent.size(); i++) {
      RuntimeException failure = failure(sent.get(i));
      if (failure == null) {
        summary.setAccepted(summary.getAccepted() + 1);
      } else {
        first = first == null ? failure : first;
        summary.addErrors("event %d: %s".formatted(i, HttpFailure.of(failure).error().message()));
      }
    }
    if (first != null && summary.getAccepted() == 0) {
      throw first;
    }
    return summary.build();
  }

  private static CompletableFuture<FeedbackReceipt> sent(
      FeedbackSubmissions submissions, String tenant, Event event) {
    try {
      return switch (event) {
        case Event.Usable(var request) -> submissions.submit(tenant, request);
        case Event.Unusable(TrimtabException refusal) -> CompletableFuture.failedFuture(refusal);
      };
    } catch (TrimtabException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  private static @Nullable RuntimeException failure(CompletableFuture<FeedbackReceipt> each) {
    try {
      var _ = each.join();
      return null;
    } catch (CompletionException e) {
      return e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}
