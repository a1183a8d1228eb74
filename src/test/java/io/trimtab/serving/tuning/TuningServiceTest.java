package io.trimtab.serving.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import io.trimtab.serving.RunningLoop;
import io.trimtab.testing.DrawnPictures;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.Image;
import io.trimtab.v1.ListTuningJobsRequest;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import io.trimtab.v1.StartTuningRequest;
import io.trimtab.v1.TuningGrpc;
import io.trimtab.v1.TuningJob;
import io.trimtab.v1.TuningJobRef;
import io.trimtab.v1.TuningState;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuningServiceTest {
  @TempDir Path folder;
  private RunningLoop server;

  @BeforeEach
  void start() throws Exception {
    server = RunningLoop.start(folder);
    var _ =
        server
            .as("t", FeedbackGrpc::newBlockingStub)
            .submit(
                FeedbackRequest.newBuilder()
                    .setAdapter("birds")
                    .addMessages(
                        Message.newBuilder()
                            .setRole("user")
                            .addParts(
                                Part.newBuilder()
                                    .setImage(
                                        Image.newBuilder()
                                            .setData(
                                                ByteString.copyFrom(
                                                    DrawnPictures.png(1).encoded())))))
                    .setCorrection("wren")
                    .build());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aJobIsQueuedAndATunerIsTold() {
    TuningJob job = stub("t").start(request("birds", ""));
    assertThat(job.getState()).isEqualTo(TuningState.TUNING_STATE_QUEUED);
    assertThat(job.getRecipe()).isEqualTo("sa-proj");
    assertThat(job.getTrigger()).isEqualTo("manual");
    assertThat(server.wakes()).isEqualTo(1);
    assertThat(stub("t").get(ref(job)).getJobId()).isEqualTo(job.getJobId());
    assertThat(stub("t").list(ListTuningJobsRequest.getDefaultInstance()).getJobsList()).hasSize(1);
    refused(Status.Code.FAILED_PRECONDITION, "under way", request("birds", ""));
  }

  @Test
  void whatCannotBeTunedIsRefusedWithTheReason() {
    refused(Status.Code.NOT_FOUND, "nobody", request("nobody", ""));
    refused(Status.Code.INVALID_ARGUMENT, "sa-proj, sa-qkv", request("birds", "everything"));
    refused(Status.Code.INVALID_ARGUMENT, "study", request("birds", "llm"));
    refused(Status.Code.INVALID_ARGUMENT, "adapter is", request("../x", ""));
    var _ = server.bench().registry().create(new AdapterId("t", "empty"));
    refused(Status.Code.FAILED_PRECONDITION, "no correction", request("empty", ""));
  }

  @Test
  void anotherTenantsJobIsNotThere() {
    TuningJob job = stub("t").start(request("birds", ""));
    assertThatThrownBy(() -> stub("other").get(ref(job))).hasMessageContaining("NOT_FOUND");
    assertThatThrownBy(() -> stub("other").cancel(ref(job))).hasMessageContaining("NOT_FOUND");
    assertThatThrownBy(() -> stub("other").watch(ref(job)).next())
        .hasMessageContaining("NOT_FOUND");
    assertThat(stub("other").list(ListTuningJobsRequest.getDefaultInstance()).getJobsList())
        .isEmpty();
  }

  @Test
  void aWatchedJobIsToldToItsEndWithTheGatesReport() {
    TuningJob job = stub("t").start(request("birds", "gate-up"));
    Iterator<TuningJob> watch = stub("t").watch(ref(job));
    assertThat(watch.next().getState()).isEqualTo(TuningState.TUNING_STATE_QUEUED);
    server.jobs().change(job.getJobId(), draft -> draft.state(JobState.TRAINING));
    assertThat(watch.next().getState()).isEqualTo(TuningState.TUNING_STATE_TRAINING);
    server.jobs().progressed(job.getJobId(), new Progress(3, 10, 0.5, Double.NaN, 0, 100));
    TuningJob step = watch.next();
    assertThat(step.getStep()).isEqualTo(3);
    assertThat(step.getValidationLoss()).isZero();
    GateReport report =
        new GateReport(
            GateReport.Verdict.REFUSED,
            List.of(
                new GateReport.Check(
                    "forgetting", 0.2, 0.08, GateReport.Verdict.REFUSED, "too much")));
    server
        .jobs()
        .change(job.getJobId(), draft -> draft.state(JobState.REJECTED).gate(report).revision(1));
    TuningJob last = watch.next();
    assertThat(last.getState()).isEqualTo(TuningState.TUNING_STATE_REJECTED);
    assertThat(last.getGate().getChecks(0).getDetail()).isEqualTo("too much");
    assertThat(watch.hasNext()).isFalse();
  }

  @Test
  void aCancelledJobIsCancelled() {
    TuningJob job = stub("t").start(request("birds", ""));
    assertThat(stub("t").cancel(ref(job)).getState()).isEqualTo(TuningState.TUNING_STATE_CANCELLED);
    assertThatThrownBy(() -> stub("t").cancel(ref(job)))
        .hasMessageContaining("FAILED_PRECONDITION");
    assertThat(stub("t").start(request("birds", "")).getJobId()).isNotEqualTo(job.getJobId());
  }

  private void refused(Status.Code code, String expected, StartTuningRequest request) {
    assertThatThrownBy(() -> stub("t").start(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
        .hasMessageContaining(expected);
  }

  private TuningGrpc.TuningBlockingStub stub(String tenant) {
    return server.as(tenant, TuningGrpc::newBlockingStub);
  }

  private static StartTuningRequest request(String adapter, String recipe) {
    return StartTuningRequest.newBuilder().setAdapter(adapter).setRecipe(recipe).build();
  }

  private static TuningJobRef ref(TuningJob job) {
    return TuningJobRef.newBuilder().setJobId(job.getJobId()).build();
  }
}
