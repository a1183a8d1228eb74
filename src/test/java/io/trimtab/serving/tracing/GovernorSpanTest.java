package io.trimtab.serving.tracing;

import static io.opentelemetry.api.common.AttributeKey.doubleKey;
import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.trimtab.adaptation.governor.GovernorAction;
import io.trimtab.adaptation.governor.GovernorEvent;
import io.trimtab.adaptation.governor.GovernorEvent.Outcome;
import io.trimtab.adaptation.governor.GovernorWatchers;
import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftSignal.Cause;
import io.trimtab.drift.Served;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GovernorSpanTest {
  private static final Instant TIME = Instant.parse("2026-03-01T10:00:00Z");

  @Test
  void anActionIsToldWithTheSignalThatItFollowsFrom() {
    RecordedSpans spans = new RecordedSpans();
    new GovernorWatchers(List.of(spans.tracing().governor()))
        .tell(
            new GovernorEvent(
                TIME,
                new DriftSignal(
                    TIME,
                    new Served(new AdapterId("acme", "birds"), 3, 0.7f),
                    "numbers_bias+",
                    DriftLevel.DRIFT,
                    9,
                    5,
                    0.1,
                    Cause.MODEL,
                    40,
                    "more numbers than it may"),
                GovernorAction.DAMP,
                Outcome.DONE,
                8,
                "drift of numbers_bias+"));
    SpanData span = spans.named("governor damp");
    assertThat(span.getStartEpochNanos())
        .isEqualTo(TimeUnit.MILLISECONDS.toNanos(TIME.toEpochMilli()));
    assertThat(span.getEndEpochNanos()).isEqualTo(span.getStartEpochNanos());
    assertThat(span.getAttributes().asMap())
        .isEqualTo(
            Attributes.builder()
                .put(stringKey("trimtab.tenant"), "acme")
                .put(stringKey("trimtab.adapter"), "birds")
                .put(longKey("trimtab.revision"), 3L)
                .put(doubleKey("trimtab.scale"), 0.7)
                .put(stringKey("trimtab.governor.action"), "damp")
                .put(stringKey("trimtab.governor.outcome"), "done")
                .put(stringKey("trimtab.governor.reason"), "drift of numbers_bias+")
                .put(stringKey("trimtab.drift.metric"), "numbers_bias+")
                .put(stringKey("trimtab.drift.level"), "drift")
                .build()
                .asMap());
  }
}
