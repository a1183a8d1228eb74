package io.trimtab.serving.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.Feedback;
import io.trimtab.adaptation.feedback.FeedbackLimits;
import io.trimtab.adaptation.feedback.FeedbackLog;
import io.trimtab.adaptation.feedback.PredictionLimits;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adaptation.feedback.TenantPictures;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.events.HttpFeedback.Event;
import io.trimtab.serving.ServingLimits;
import io.trimtab.testing.AdapterBench;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.FeedbackSummary;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchSubmissionTest {
  private static final Event UNUSABLE =
      new Event.Unusable(TrimtabException.invalid("The event's type is 'x'"));

  @TempDir Path folder;
  private final Log log = new Log();
  private AdapterBench bench;
  private FeedbackSubmissions submissions;

  /** Takes everything, unless it is away. */
  private static final class Log implements FeedbackLog {
    private final List<String> ids = new ArrayList<>();
    private boolean away;

    @Override
    public CompletableFuture<Position> append(Feedback feedback) {
      if (away) {
        return CompletableFuture.failedFuture(
            new TrimtabException(ErrorCode.UNAVAILABLE, "The broker can't be reached"));
      }
      ids.add(feedback.id());
      return CompletableFuture.completedFuture(new Position(0, ids.size()));
    }

    @Override
    public OptionalLong lag(String tenant) {
      return OptionalLong.empty();
    }

    @Override
    public long deadLettered(AdapterId adapter) {
      return 0;
    }

    @Override
    public CompletableFuture<Long> redrive(String tenant, int max) {
      return CompletableFuture.completedFuture(0L);
    }
  }

  @BeforeEach
  void open() {
    bench = AdapterBench.open(folder);
    TenantPictures pictures = new TenantPictures(bench.store(), 1 << 20);
    submissions =
        new FeedbackSubmissions(
            bench.engine(),
            ServingLimits.DEFAULT,
            FeedbackLimits.defaults(),
            log,
            ExampleStore.open(
                bench.store(),
                bench.registry(),
                pictures,
                Predictions.open(
                    bench.store(), pictures, PredictionLimits.defaults(), Clock.systemUTC()),
                FeedbackLimits.defaults(),
                Clock.systemUTC()),
            new TuningNeeds() {
              @Override
              public Set<String> tuned(AdapterId adapter) {
                return Set.of();
              }

              @Override
              public int needed() {
                return 32;
              }
            });
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void theGoodOnesGoInTheirOrderAndTheBadOnesAreTold() {
    FeedbackSummary summary =
        submit(usable("a", "wren"), UNUSABLE, usable("b", ""), usable("c", "tit"));
    assertThat(log.ids).containsExactly("a", "c");
    assertThat(summary.getAccepted()).isEqualTo(2);
    assertThat(summary.getErrorsList()).hasSize(2);
    assertThat(summary.getErrors(0)).isEqualTo("event 1: The event's type is 'x'");
    assertThat(summary.getErrors(1)).startsWith("event 2: Neither a correction nor a rating");
  }

  @Test
  void aBatchWithoutAGoodOneIsRefusedAsItsFirstIs() {
    assertThatThrownBy(() -> submit(UNUSABLE, usable("b", "")))
        .hasMessage("The event's type is 'x'");
    log.away = true;
    assertThatThrownBy(() -> submit(usable("a", "wren"), UNUSABLE))
        .isInstanceOfSatisfying(
            TrimtabException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  private FeedbackSummary submit(Event... events) {
    return BatchSubmission.submit(submissions, "t", List.of(events));
  }

  private static Event usable(String id, String correction) {
    Part picture =
        Part.newBuilder()
            .setImage(
                Image.newBuilder().setData(ByteString.copyFrom(DrawnPictures.png(1).encoded())))
            .build();
    return new Event.Usable(
        FeedbackRequest.newBuilder()
            .setFeedbackId(id)
            .setAdapter("birds")
            .setCorrection(correction)
            .addMessages(Message.newBuilder().setRole("user").addParts(picture))
            .build());
  }
}
