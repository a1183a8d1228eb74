package io.trimtab.serving.finetuning;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.trimtab.adaptation.job.JobOrder;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.OrderedTraining;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's fine-tuning job, as far as this server has what it tells: tokens are not counted and
 * there are no files of results. Of a job that began by itself, {@code training_file} is empty.
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record JobObject(
    String id,
    String object,
    String model,
    long createdAt,
    @Nullable Long finishedAt,
    @Nullable Long estimatedFinish,
    @Nullable String fineTunedModel,
    String organizationId,
    List<String> resultFiles,
    String status,
    @Nullable String validationFile,
    String trainingFile,
    Map<String, Object> hyperparameters,
    @Nullable Long trainedTokens,
    @Nullable Error error,
    @Nullable String userProvidedSuffix,
    long seed,
    Method method,
    Map<String, String> metadata) {
  /** Why a job failed. */
  record Error(String code, String message, @Nullable String param) {}

  record Method(String type, Supervised supervised) {}

  record Supervised(Map<String, Object> hyperparameters) {}

  /** What a job's object says beside the job. */
  record Server(String baseModel, long seed) {}

  static JobObject of(TuningJob job, Optional<JobOrder> order, Server server) {
    OrderedTraining training = order.map(JobOrder::training).orElse(OrderedTraining.USUAL);
    Long seed = training.seed();
    Map<String, Object> hyperparameters = hyperparameters(training);
    return new JobObject(
        JobId.wire(job.id()),
        "fine_tuning.job",
        server.baseModel(),
        job.created().getEpochSecond(),
        job.state().ended() ? job.updated().getEpochSecond() : null,
        null,
        job.state() == JobState.PUBLISHED ? model(job) : null,
        job.adapter().tenant(),
        List.of(),
        status(job.state()),
        null,
        order.map(JobOrder::trainingFile).orElse(""),
        hyperparameters,
        null,
        error(job),
        order.map(JobOrder::suffix).filter(suffix -> !suffix.isEmpty()).orElse(null),
        seed == null ? server.seed() : seed,
        new Method("supervised", new Supervised(hyperparameters)),
        order.map(JobOrder::metadata).orElse(Map.of()));
  }

  /** The name to ask the job's revision by. */
  static String model(TuningJob job) {
    return "%s@%d".formatted(job.adapter().name(), job.publishedRevision());
  }

  /** The one place where our states become OpenAI's; files are checked before there is a job. */
  static String status(JobState state) {
    return switch (state) {
      case QUEUED -> "queued";
      case TRAINING, EVALUATING -> "running";
      case PUBLISHED -> "succeeded";
      case REJECTED, FAILED -> "failed";
      case CANCELLED -> "cancelled";
    };
  }

  private static @Nullable Error error(TuningJob job) {
    return switch (job.state()) {
      case QUEUED, TRAINING, EVALUATING, PUBLISHED, CANCELLED -> null;
      case REJECTED -> new Error("gate_refused", refusals(job.gate()), null);
      case FAILED -> new Error("job_failed", job.error(), null);
    };
  }

  /** What the gate held against a candidate. */
  static String refusals(@Nullable GateReport report) {
    return "The gate refused the candidate: "
        + (report == null ? List.<GateReport.Check>of() : report.checks())
            .stream()
                .filter(check -> check.verdict() == Verdict.REFUSED)
                .map(check -> "%s: %s".formatted(check.name(), check.detail()))
                .collect(Collectors.joining("; "));
  }

  private static Map<String, Object> hyperparameters(OrderedTraining training) {
    return Map.of(
        "n_epochs", orAuto(training.nEpochs()),
        "learning_rate_multiplier", orAuto(training.learningRateMultiplier()),
        "batch_size", orAuto(training.batchSize()));
  }

  private static Object orAuto(@Nullable Object ordered) {
    return ordered == null ? "auto" : ordered;
  }
}
