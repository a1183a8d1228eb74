package io.trimtab.adaptation.job;

import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.TunedCandidate;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.gate.EvaluationSet;
import io.trimtab.adaptation.gate.Judge;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adaptation.gate.JudgementListener;
import io.trimtab.adaptation.job.TuningJob.Counts;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.PeftAdapter;
import io.trimtab.adapter.PeftReader;
import io.trimtab.adapter.Revision;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.JobDraft;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.Trainer;
import io.trimtab.tuning.job.TuningListener;
import io.trimtab.tuning.job.TuningListener.Outcome;
import io.trimtab.tuning.job.TuningRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Takes one job from where it stands to its end: lays out the data, has them trained on, has the
 * candidate judged, and publishes it or keeps it as REJECTED. Killed anywhere, the same call on the
 * same job goes on: the data are laid out whole or again, training goes on from its checkpoint, and
 * a revision that is there already is not made twice. One thread.
 */
public final class JobRunner {
  private static final System.Logger LOG = System.getLogger(JobRunner.class.getName());

  /** How long a job is this process' own without a word from it. */
  private static final Duration LEASE = Duration.ofMinutes(3);

  /** Between two looks at whether somebody has cancelled the job. */
  private static final Duration LOOK = Duration.ofMillis(500);

  private final TuningJobs jobs;
  private final ExampleStore examples;
  private final JobData dataset;
  private final Trainer trainer;
  private final ServingFirst servingFirst;
  private final PeftReader reader;
  private final Judge judge;
  private final AdapterPublisher publisher;
  private final TuningDefaults defaults;
  private final String process;
  private final Clock clock;

  /**
   * @param process names this process among all that share the store
   */
  public JobRunner(
      TuningJobs jobs,
      ExampleStore examples,
      JobData dataset,
      Trainer trainer,
      ServingFirst servingFirst,
      PeftReader reader,
      Judge judge,
      AdapterPublisher publisher,
      TuningDefaults defaults,
      String process,
      Clock clock) {
    this.jobs = jobs;
    this.examples = examples;
    this.dataset = dataset;
    this.trainer = trainer;
    this.servingFirst = servingFirst;
    this.reader = reader;
    this.judge = judge;
    this.publisher = publisher;
    this.defaults = defaults;
    this.process = process;
    this.clock = clock;
  }

  /** Whether this process may take the job now: nobody's, its own, or one left behind. */
  public boolean mayTake(TuningJob job) {
    return !job.state().ended()
        && (job.owner().isEmpty()
            || job.owner().equals(process)
            || clock.instant().isAfter(job.leaseUntil()));
  }

  /**
   * Runs a job to its end, which the job says; nothing is thrown but by an interrupt or where the
   * store fails.
   */
  public void run(TuningJob queued) {
    Optional<TuningJob> taken =
        jobs.change(
            queued.id(),
            this::mayTake,
            draft ->
                draft
                    .state(queued.state() == JobState.QUEUED ? JobState.TRAINING : queued.state())
                    .owner(process, clock.instant().plus(LEASE))
                    .device(defaults.device()));
    if (taken.isEmpty()) {
      return;
    }
    TuningJob job = taken.get();
    LOG.log(System.Logger.Level.INFO, "Tuning job {0} of {1} begins", job.id(), job.adapter());
    try {
      new Attempt(job).run();
    } catch (Cancelled e) {
      LOG.log(System.Logger.Level.INFO, "Tuning job {0} was cancelled", job.id());
    } catch (TrimtabException e) {
      if (Thread.currentThread().isInterrupted()) {
        // The server is stopping, and with it what the job needs: whoever starts next goes on.
        LOG.log(System.Logger.Level.INFO, "Tuning job {0} is left for later", job.id());
        return;
      }
      failed(job, String.valueOf(e.getMessage()));
    } catch (IOException | UncheckedIOException e) {
      failed(job, "The job's folder: " + e.getMessage());
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "Tuning job " + job.id() + " met a fault of ours", e);
      failed(job, "Internal error; the server's log says more under the job's id");
    }
    TuningJob now = jobs.get(job.adapter().tenant(), job.id());
    if (now.state().ended()) {
      delete(folder(job));
    }
  }

  private void failed(TuningJob job, String reason) {
    LOG.log(System.Logger.Level.WARNING, "Tuning job {0} failed: {1}", job.id(), reason);
    jobs.change(job.id(), now -> !now.state().ended(), draft -> draft.failed(reason));
  }

  private Path folder(TuningJob job) {
    return defaults.jobs().resolve(job.id());
  }

  /** One pass over a job. */
  private final class Attempt {
    private final TuningJob job;
    private final AdapterId adapter;
    private final Path folder;

    Attempt(TuningJob job) {
      this.job = job;
      this.adapter = job.adapter();
      this.folder = folder(job);
    }

    void run() throws IOException {
      Optional<Revision> made = publisher.made(adapter, job.id());
      if (made.isPresent()) {
        // Killed between the revision and the job's end: what is made is published, not made anew.
        ended(publisher.publish(adapter, made.get()));
        return;
      }
      ExampleSplit split = split();
      if (!JobFolder.isSealed(folder)) {
        layOut(split);
      }
      Outcome outcome = train();
      change(draft -> draft.state(JobState.EVALUATING));
      Judgement judgement = judge(split);
      keepGoing();
      LOG.log(
          System.Logger.Level.INFO,
          "Tuning job {0}: {1} after {2} updates, at scale {3}",
          job.id(),
          judgement.report().verdict(),
          outcome.steps(),
          judgement.scale());
      ended(
          publisher.publish(
              new TunedCandidate(
                  adapter,
                  JobFolder.open(folder).delta(),
                  job.id(),
                  "",
                  judgement.scale(),
                  judgement.report(),
                  judgement.envelope())));
    }

    /** The same however often the job is begun: only what was there when it was first. */
    private ExampleSplit split() {
      Instant until =
          job.newestExample().equals(Instant.EPOCH) ? clock.instant() : job.newestExample();
      return ExampleSplit.of(
          examples.usable(adapter).stream()
              .filter(example -> !example.received().isAfter(until))
              .toList());
    }

    private void layOut(ExampleSplit split) throws IOException {
      delete(folder);
      Instant newest =
          Stream.of(split.training(), split.validation(), split.gate())
              .flatMap(List::stream)
              .map(example -> example.received())
              .max(Comparator.naturalOrder())
              .orElseThrow(
                  () ->
                      new TrimtabException(
                          ErrorCode.FAILED_PRECONDITION,
                          "There is no correction to train on for the adapter '%s'"
                              .formatted(adapter.name())));
      if (split.training().isEmpty()) {
        throw new TrimtabException(
            ErrorCode.FAILED_PRECONDITION,
            "Of %d corrections none is left to train on once %d are set aside to judge by"
                .formatted(split.gate().size() + split.validation().size(), split.gate().size()));
      }
      Counts counts =
          new Counts(split.training().size(), split.validation().size(), split.gate().size());
      change(draft -> draft.counts(counts, newest));
      Files.createDirectories(folder.getParent());
      try (JobDraft writer =
          JobFolder.create(folder, defaults.plan(Recipe.of(job.recipe()), Optional.empty()))) {
        dataset.write(writer, adapter.tenant(), split, this::keepGoing);
        writer.seal();
      }
    }

    private Outcome train() {
      CompletableFuture<Outcome> trained = new CompletableFuture<>();
      TuningRun run = trainer.start(folder, new Heard(job.id(), trained));
      servingFirst.training(run);
      try {
        return waited(run, trained);
      } finally {
        servingFirst.training(null);
      }
    }

    private Outcome waited(TuningRun run, CompletableFuture<Outcome> trained) {
      while (true) {
        try {
          return trained.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          try {
            keepGoing();
          } catch (Cancelled cancelled) {
            run.stop();
            throw cancelled;
          }
        } catch (ExecutionException e) {
          if (e.getCause() instanceof TrimtabException reason) {
            throw reason;
          }
          throw new IllegalStateException("The trainer failed without a reason", e);
        } catch (InterruptedException e) {
          run.stop();
          Thread.currentThread().interrupt();
          throw new Cancelled();
        }
      }
    }

    private Judgement judge(ExampleSplit split) throws IOException {
      Path delta = JobFolder.open(folder).delta();
      try (Arena arena = Arena.ofShared()) {
        PeftAdapter candidate =
            reader.read(
                delta.resolve("adapter_config.json"),
                delta.resolve("adapter_model.safetensors"),
                arena);
        return judged(candidate, dataset.evaluation(split));
      }
    }

    /** Interrupted by a watch of its own when the job is no longer this process' to run. */
    private Judgement judged(PeftAdapter candidate, EvaluationSet set) {
      Thread judging = Thread.currentThread();
      Thread watch =
          Thread.startVirtualThread(
              () -> {
                try {
                  while (true) {
                    Thread.sleep(LOOK);
                    keepGoing();
                  }
                } catch (Cancelled e) {
                  judging.interrupt();
                } catch (InterruptedException e) {
                  // Judged.
                }
              });
      try {
        return judge.judge(adapter.tenant(), candidate, set, JudgementListener.silent());
      } catch (InterruptedException e) {
        throw new Cancelled();
      } finally {
        watch.interrupt();
      }
    }

    /** Also renews the lease when half of it is over. */
    private void keepGoing() {
      TuningJob now = jobs.get(adapter.tenant(), job.id());
      if (now.state().ended() || !now.owner().equals(process)) {
        throw new Cancelled();
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new Cancelled();
      }
      Instant instant = clock.instant();
      if (instant.isAfter(now.leaseUntil().minus(LEASE.dividedBy(2)))) {
        change(draft -> draft.owner(process, instant.plus(LEASE)).progress(now.progress()));
      }
    }

    private void ended(Revision made) {
      jobs.change(
          job.id(),
          now -> !now.state().ended(),
          draft -> {
            JobChange done =
                draft.state(stateOf(made.gate() == null ? Verdict.REFUSED : made.gate().verdict()));
            return (made.gate() == null ? done : done.gate(made.gate())).revision(made.revision());
          });
    }

    private static JobState stateOf(Verdict verdict) {
      return switch (verdict) {
        case PASSED -> JobState.PUBLISHED;
        case REFUSED -> JobState.REJECTED;
      };
    }

    private void change(UnaryOperator<JobChange> next) {
      if (jobs.change(job.id(), now -> !now.state().ended() && now.owner().equals(process), next)
          .isEmpty()) {
        throw new Cancelled();
      }
    }
  }

  /** Passes on what the trainer says. */
  private final class Heard implements TuningListener {
    private final String jobId;
    private final CompletableFuture<Outcome> trained;
    private Progress progress = Progress.NONE;

    Heard(String jobId, CompletableFuture<Outcome> trained) {
      this.jobId = jobId;
      this.trained = trained;
    }

    @Override
    public void step(Step step) {
      progress =
          new Progress(
              step.step(),
              step.steps(),
              step.trainLoss(),
              progress.validationLoss(),
              progress.validationExactMatch(),
              step.tokensPerSecond());
      jobs.progressed(jobId, progress);
    }

    @Override
    public void validated(Validation validation) {
      progress =
          new Progress(
              progress.step(),
              progress.steps(),
              progress.trainLoss(),
              validation.loss(),
              validation.exactMatch(),
              progress.tokensPerSecond());
      jobs.progressed(jobId, progress);
    }

    @Override
    public void finished(Outcome outcome) {
      trained.complete(outcome);
    }

    @Override
    public void failed(TrimtabException reason) {
      trained.completeExceptionally(reason);
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "The job's folder " + folder + " is left behind", e);
    }
  }

  /** Somebody else has ended the job, or has it. */
  private static final class Cancelled extends RuntimeException {
    private static final long serialVersionUID = 1;
  }
}
