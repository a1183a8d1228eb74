package io.trimtab.serving.finetuning;

import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.FeedbackOutcome;
import io.trimtab.adaptation.files.TrainingFile;
import io.trimtab.adaptation.files.TrainingFiles;
import io.trimtab.adaptation.job.JobOrder;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.FieldException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/**
 * Begins jobs from files: a file's answers become corrections of the adapter, as feedback does, and
 * a job of the adapter is begun by hand. When it has begun, all corrections are on disk. Killed
 * before, nothing was promised, and the same call again goes on: a correction's id follows from its
 * line. Any thread; calls wait for the disk.
 */
final class FineTuning {
  private final TrainingFiles files;
  private final ChatFile reader;
  private final ExampleStore examples;
  private final AdapterRegistry registry;
  private final TuningJobs jobs;
  private final Supplier<String> baseModel;
  private final String recipe;
  private final Runnable wake;

  /**
   * @param baseModel the base model's name
   * @param recipe of the jobs, its wire name
   * @param wake tells a tuner in this process, if there is one, that a job waits
   */
  FineTuning(
      TrainingFiles files,
      ChatFile reader,
      ExampleStore examples,
      AdapterRegistry registry,
      TuningJobs jobs,
      Supplier<String> baseModel,
      String recipe,
      Runnable wake) {
    this.files = files;
    this.reader = reader;
    this.examples = examples;
    this.registry = registry;
    this.jobs = jobs;
    this.baseModel = baseModel;
    this.recipe = recipe;
    this.wake = wake;
  }

  /**
   * Begins a job.
   *
   * @throws FieldException INVALID_ARGUMENT, or NOT_FOUND of the file or the adapter
   * @throws TrimtabException FAILED_PRECONDITION while a job of the adapter is under way
   */
  TuningJob create(String tenant, JobRequest request) {
    TrainingFile file = file(tenant, request.trainingFile());
    AdapterId adapter = adapter(tenant, request, file);
    requireIdle(adapter);
    keep(file, adapter);
    requireCorrections(adapter);
    TuningJob job =
        jobs.start(
            adapter,
            recipe,
            new JobOrder(file.id(), request.suffix(), request.metadata(), request.training()));
    wake.run();
    return job;
  }

  private TrainingFile file(String tenant, String id) {
    try {
      return files.get(tenant, id);
    } catch (TrimtabException e) {
      throw new FieldException("training_file", e);
    }
  }

  /** Without a suffix the adapter has the file's name: created again, it is the same one. */
  private AdapterId adapter(String tenant, JobRequest request, TrainingFile file) {
    String model = request.model();
    String suffix = request.suffix();
    if (model.equals(AdapterId.BASE) || model.equals(baseModel.get())) {
      return named("suffix", tenant, suffix.isEmpty() ? file.id() : suffix);
    }
    if (model.contains("@")) {
      throw FieldException.invalid(
          "model",
          "model is %s, expected an adapter without a revision: a job learns all corrections of an"
                  .formatted(Quoted.of(model))
              + " adapter from base on");
    }
    AdapterId adapter = named("model", tenant, model);
    try {
      var _ = registry.get(adapter);
    } catch (TrimtabException e) {
      throw new FieldException("model", e);
    }
    if (!suffix.isEmpty() && !suffix.equals(model)) {
      throw FieldException.invalid(
          "suffix",
          "suffix is %s beside the adapter %s, expected none: the job tunes that adapter"
              .formatted(Quoted.of(suffix), Quoted.of(model)));
    }
    return adapter;
  }

  private static AdapterId named(String field, String tenant, String name) {
    if (!AdapterId.isName(name) || name.equals(AdapterId.BASE)) {
      throw FieldException.invalid(
          field,
          "%s is %s, expected %s and not base".formatted(field, Quoted.of(name), AdapterId.SYNTAX));
    }
    return new AdapterId(tenant, name);
  }

  /** Before anything is kept for a job that can't begin; what counts is the start itself. */
  private void requireIdle(AdapterId adapter) {
    jobs.refresh();
    jobs.of(adapter).stream()
        .filter(job -> !job.state().ended())
        .findFirst()
        .ifPresent(
            job -> {
              throw new TrimtabException(
                  ErrorCode.FAILED_PRECONDITION,
                  "The job %s of the adapter '%s' is under way, expected none: cancel it or wait"
                      .formatted(JobId.wire(job.id()), adapter.name()));
            });
  }

  private void keep(TrainingFile file, AdapterId adapter) {
    try (InputStream contents = files.contents(file)) {
      var _ = reader.read(contents, answer -> keep(file, adapter, answer));
    } catch (TrimtabException e) {
      throw new FieldException("training_file", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void keep(TrainingFile file, AdapterId adapter, ChatAnswer answer) {
    if (examples.accept(FileCorrections.of(file.id(), adapter, answer))
        instanceof FeedbackOutcome.Refused(String reason)) {
      throw TrimtabException.invalid(reason);
    }
  }

  /** All of a file's may have been taken back. */
  private void requireCorrections(AdapterId adapter) {
    if (examples.counts(adapter).usable() == 0) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "There is no correction to train on for the adapter '%s'".formatted(adapter.name()));
    }
  }
}
