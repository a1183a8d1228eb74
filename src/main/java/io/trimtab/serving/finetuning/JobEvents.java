package io.trimtab.serving.finetuning;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJob.Counts;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adapter.GateReport;
import io.trimtab.error.Quoted;
import io.trimtab.serving.http.FieldException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What has happened to a job, told from its versions: each says what has changed since the one
 * before. An event's id follows from its version and sorts as the events do, so that pages fit
 * together while a job goes on. One thread.
 */
final class JobEvents {
  private final List<JobEvent> events = new ArrayList<>();
  private @Nullable TuningJob before;

  /** What an event is about, in the order in which a version's are told. */
  private enum About {
    CREATION,
    DATA,
    PROGRESS,
    GATE,
    STATE
  }

  /** Figures of training; a loss that is not there yet is null. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Metrics(
      int step,
      int totalSteps,
      @Nullable Double trainLoss,
      @Nullable Double validLoss,
      @Nullable Double tokensPerSecond) {}

  /** How many examples are for what. */
  record Split(int training, int validation, int gate) {}

  /**
   * The events, newest first.
   *
   * @param versions oldest first
   * @param now the same job with progress that is not kept
   */
  static List<JobEvent> of(List<TuningJob> versions, TuningJob now) {
    JobEvents told = new JobEvents();
    versions.forEach(told::version);
    // As the next version will tell it.
    told.progress(now, now.version() + 1);
    return told.events.reversed();
  }

  /**
   * What is left of a job's events behind the one of an id, which may be gone; all of them for
   * none.
   *
   * @param events newest first
   * @throws FieldException INVALID_ARGUMENT for what is no id of this job's events
   */
  static List<JobEvent> behind(@Nullable String after, TuningJob job, List<JobEvent> events) {
    if (after == null) {
      return events;
    }
    if (!after.startsWith(prefix(job))) {
      throw FieldException.invalid(
          "after",
          "after is %s, expected the id of one of the job's events".formatted(Quoted.of(after)));
    }
    return events.stream().dropWhile(event -> event.id().compareTo(after) >= 0).toList();
  }

  private static String prefix(TuningJob job) {
    return "ftevent-%s-".formatted(job.id());
  }

  private void version(TuningJob job) {
    TuningJob last = before;
    if (last == null) {
      info(
          job,
          About.CREATION,
          "The job was created for the adapter '%s'".formatted(job.adapter().name()),
          null);
    }
    if (last != null && last.counts().equals(Counts.NONE) && job.counts().all() > 0) {
      Counts counts = job.counts();
      info(
          job,
          About.DATA,
          "%d corrections: %d to train on, %d to stop by, %d to judge by"
              .formatted(counts.all(), counts.training(), counts.validation(), counts.gate()),
          new Split(counts.training(), counts.validation(), counts.gate()));
    }
    progress(job, job.version());
    gate(last, job);
    if (last == null || last.state() != job.state()) {
      state(job);
    }
    before = job;
  }

  private void progress(TuningJob job, long version) {
    Progress progress = job.progress();
    Progress told = before == null ? Progress.NONE : before.progress();
    if (progress.step() == 0 || progress.equals(told)) {
      return;
    }
    add(
        job,
        version,
        About.PROGRESS,
        "info",
        "Step %d/%d: training loss=%.4f"
            .formatted(progress.step(), progress.steps(), progress.trainLoss()),
        "metrics",
        new Metrics(
            progress.step(),
            progress.steps(),
            finite(progress.trainLoss()),
            progress.validationLoss() == 0 ? null : finite(progress.validationLoss()),
            finite(progress.tokensPerSecond())));
  }

  private void gate(@Nullable TuningJob last, TuningJob job) {
    GateReport report = job.gate();
    if (report == null || (last != null && report.equals(last.gate()))) {
      return;
    }
    switch (report.verdict()) {
      case PASSED -> info(job, About.GATE, "The gate passed the candidate", report);
      case REFUSED ->
          add(
              job,
              job.version(),
              About.GATE,
              "warn",
              JobObject.refusals(report),
              "message",
              report);
    }
  }

  private void state(TuningJob job) {
    switch (job.state()) {
      case QUEUED -> {}
      case TRAINING -> info(job, About.STATE, "The job has started", null);
      case EVALUATING -> info(job, About.STATE, "The candidate is being judged", null);
      case PUBLISHED ->
          info(job, About.STATE, "New fine-tuned model: " + JobObject.model(job), null);
      case REJECTED -> failed(job, "The candidate is kept as REJECTED");
      case FAILED -> failed(job, job.error());
      case CANCELLED -> info(job, About.STATE, cancelled(job.error()), null);
    }
  }

  /** A person who cancels gives no reason. */
  private static String cancelled(String reason) {
    return reason.isEmpty() ? "The job was cancelled" : "The job was cancelled: " + reason;
  }

  private void failed(TuningJob job, String message) {
    add(job, job.version(), About.STATE, "error", message, "message", null);
  }

  private void info(TuningJob job, About about, String message, @Nullable Object data) {
    add(job, job.version(), about, "info", message, "message", data);
  }

  private void add(
      TuningJob job,
      long version,
      About about,
      String level,
      String message,
      String type,
      @Nullable Object data) {
    events.add(
        new JobEvent(
            "%s%09d-%d".formatted(prefix(job), version, about.ordinal()),
            "fine_tuning.job.event",
            job.updated().getEpochSecond(),
            level,
            message,
            type,
            data));
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
