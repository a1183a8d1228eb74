package io.trimtab.serving.tuning;

import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adapter.GateReport;
import io.trimtab.serving.adapters.AdapterWriter;
import io.trimtab.v1.ListTuningJobsResponse;
import io.trimtab.v1.TuningState;
import java.util.List;

/** Writes tuning jobs for the wire. */
final class TuningWriter {
  private TuningWriter() {}

  static ListTuningJobsResponse list(List<TuningJob> jobs) {
    return ListTuningJobsResponse.newBuilder()
        .addAllJobs(jobs.stream().map(TuningWriter::job).toList())
        .build();
  }

  static io.trimtab.v1.TuningJob job(TuningJob job) {
    io.trimtab.v1.TuningJob.Builder wire =
        io.trimtab.v1.TuningJob.newBuilder()
            .setJobId(job.id())
            .setTenant(job.adapter().tenant())
            .setAdapter(job.adapter().name())
            .setState(state(job.state()))
            .setRecipe(job.recipe())
            .setTrigger(job.trigger().wireName())
            .setExamples(job.counts().all())
            .setValidationExamples(job.counts().validation() + job.counts().gate())
            .setStep(job.progress().step())
            .setSteps(job.progress().steps())
            .setTrainLoss(finite(job.progress().trainLoss()))
            .setValidationLoss(finite(job.progress().validationLoss()))
            .setPublishedRevision(job.publishedRevision())
            .setCreated(AdapterWriter.time(job.created()))
            .setUpdated(AdapterWriter.time(job.updated()))
            .setError(job.error())
            .setDevice(job.device())
            .setTokensPerSecond(finite(job.progress().tokensPerSecond()));
    GateReport gate = job.gate();
    if (gate != null) {
      wire.setGate(AdapterWriter.gate(gate));
    }
    return wire.build();
  }

  static TuningState state(JobState state) {
    return switch (state) {
      case QUEUED -> TuningState.TUNING_STATE_QUEUED;
      case TRAINING -> TuningState.TUNING_STATE_TRAINING;
      case EVALUATING -> TuningState.TUNING_STATE_EVALUATING;
      case PUBLISHED -> TuningState.TUNING_STATE_PUBLISHED;
      case REJECTED -> TuningState.TUNING_STATE_REJECTED;
      case FAILED -> TuningState.TUNING_STATE_FAILED;
      case CANCELLED -> TuningState.TUNING_STATE_CANCELLED;
    };
  }

  private static float finite(double value) {
    return Double.isFinite(value) ? (float) value : 0;
  }
}
