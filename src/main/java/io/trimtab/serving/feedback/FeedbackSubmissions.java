package io.trimtab.serving.feedback;

import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackCheck;
import io.trimtab.adaptation.feedback.FeedbackCounts;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.FeedbackLog;
import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.serving.ServingLimits;
import io.trimtab.v1.AdapterFeedback;
import io.trimtab.v1.FeedbackReceipt;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.FeedbackStatus;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;

/**
 * Feedback as every edge takes it in: checked, then appended to the log that Kafka's clients write
 * to as well. Any thread that may wait: pictures are decoded and written to the disk.
 */
@Singleton
public final class FeedbackSubmissions {
  private final FeedbackLog log;
  private final ExampleStore examples;
  private final TuningNeeds needs;
  private final FeedbackReader reader;

  @Inject
  public FeedbackSubmissions(
      InferenceEngine engine,
      ServingLimits limits,
      FeedbackLimits feedbackLimits,
      FeedbackLog log,
      ExampleStore examples,
      TuningNeeds needs) {
    this.log = log;
    this.examples = examples;
    this.needs = needs;
    this.reader = new FeedbackReader(engine, limits, new FeedbackCheck(feedbackLimits));
  }

  FeedbackReader reader() {
    return reader;
  }

  /**
   * Submits feedback. Completes once the log has as many copies as are asked for; exceptionally
   * where it can't be reached.
   *
   * @param tenant the caller's, whatever the request says
   * @throws io.trimtab.error.TrimtabException INVALID_ARGUMENT for what would be a dead letter
   */
  public CompletableFuture<FeedbackReceipt> submit(String tenant, FeedbackRequest request) {
    Feedback feedback = reader.read(tenant, request);
    return log.append(feedback)
        .thenApply(
            position ->
                FeedbackReceipt.newBuilder()
                    .setFeedbackId(feedback.id())
                    .setPartition(position.partition())
                    .setOffset(position.offset())
                    .build());
  }

  /** How much the tenant's adapters have collected, by their names. */
  public FeedbackStatus status(String tenant) {
    FeedbackStatus.Builder status = FeedbackStatus.newBuilder();
    long lag = log.lag(tenant).orElse(0);
    examples.refresh();
    examples.adapters().stream()
        .filter(adapter -> adapter.tenant().equals(tenant))
        .sorted(Comparator.comparing(AdapterId::name))
        .forEach(adapter -> status.addAdapters(status(adapter, lag)));
    return status.build();
  }

  private AdapterFeedback status(AdapterId adapter, long lag) {
    FeedbackCounts counts = examples.counts(adapter, needs.tuned(adapter));
    return AdapterFeedback.newBuilder()
        .setAdapter(adapter.name())
        .setExamples(counts.examples())
        .setSinceLastTuning(counts.fresh())
        .setNeeded(Math.max(0, needs.needed() - counts.fresh()))
        .setDeadLettered(log.deadLettered(adapter))
        .setLag(lag)
        .build();
  }
}
