package io.trimtab.adaptation.job;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static io.trimtab.adaptation.job.JobBench.BIRDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.error.ErrorCode;
import io.trimtab.serving.tracing.RecordedSpans;
import io.trimtab.tuning.job.TuningListener;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is told of jobs as they really run. */
@Timeout(180)
class TracedJobTest {
  private final RecordedSpans spans = new RecordedSpans();

  @TempDir private Path root;
  private JobRig rig;
  private JobBench here;

  @BeforeEach
  void open() {
    rig = JobRig.open(root);
    here = rig.here();
    here.listeners.add(spans.tracing().jobs(() -> "here"));
    here.trainer.script(
        run -> {
          run.step(new TuningListener.Step(5, 20, 0.9, 100));
          run.finish();
        });
  }

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void aJobIsATraceWithItsPhases() {
    here.judge((tenant, candidate, set, listener) -> JobBench.judgement(Verdict.PASSED));
    TuningJob job = here.queued(BIRDS);
    assertThat(spans.all()).isEmpty();
    JobRig.run(here, job);
    SpanData span = spans.named("tune birds");
    assertThat(span.getParentSpanContext().isValid()).isFalse();
    assertThat(spans.below(span))
        .extracting(SpanData::getName)
        .containsExactlyInAnyOrder("wait", "lay out", "train", "evaluate", "publish");
    assertThat(spans.all())
        .extracting(SpanData::getTraceId)
        .containsOnly(span.getTraceId())
        .hasSize(6);
    assertThat(span.getAttributes().get(stringKey("trimtab.tenant"))).isEqualTo("acme");
    assertThat(span.getAttributes().get(stringKey("trimtab.job.id"))).isEqualTo(job.id());
    assertThat(span.getAttributes().get(stringKey("trimtab.job.state"))).isEqualTo("published");
    assertThat(span.getAttributes().get(stringKey("trimtab.gate.verdict"))).isEqualTo("passed");
    assertThat(span.getAttributes().get(longKey("trimtab.revision"))).isEqualTo(1);
    assertThat(span.getAttributes().get(longKey("trimtab.job.examples")))
        .isEqualTo(JobBench.EXAMPLES);
    assertThat(span.getAttributes().get(longKey("trimtab.job.updates"))).isEqualTo(5);
  }

  @Test
  void aFailedJobSaysWhyAndWhere() {
    TuningJob job = here.queued(BIRDS);
    here.trainer.script(run -> run.fail(ErrorCode.UNAVAILABLE, "The device is gone"));
    JobRig.run(here, job);
    SpanData span = spans.named("tune birds");
    assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(span.getStatus().getDescription()).contains("The device is gone");
    assertThat(span.getAttributes().get(stringKey("error.type"))).isEqualTo("failed");
    assertThat(spans.below(span))
        .extracting(SpanData::getName)
        .containsExactlyInAnyOrder("wait", "lay out");
  }

  /** Two processes see one job, and it is told once. */
  @Test
  void whatAnotherProcessRunsIsItsToTell() {
    RecordedSpans elsewhere = new RecordedSpans();
    here.listeners.add(elsewhere.tracing().jobs(() -> "there"));
    here.judge((tenant, candidate, set, listener) -> JobBench.judgement(Verdict.REFUSED));
    JobRig.run(here, here.queued(BIRDS));
    assertThat(spans.all()).isNotEmpty();
    assertThat(elsewhere.all()).isEmpty();
  }
}
