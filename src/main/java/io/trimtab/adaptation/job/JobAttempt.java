package io.trimtab.adaptation.job;

import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.TunedCandidate;
import io.trimtab.adaptation.feedback.Example;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.KeptExample;
import io.trimtab.adaptation.feedback.KeptMessage;
import io.trimtab.adaptation.gate.Judge;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adaptation.gate.JudgementListener;
import io.trimtab.adaptation.job.TuningJob.Counts;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.Revision;
import io.trimtab.adapter.peft.PeftAdapter;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.api.InferenceEngine;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.JobDraft;
import io.trimtab.tuning.job.JobFolder;
import io.trimtab.tuning.job.Recipe;
import io.trimtab.tuning.job.TrainingSequence;
import io.trimtab.tuning.job.TrainingSettings;
import io.trimtab.tuning.job.TuningListener.Outcome;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One pass over a job, from where it stands to its end: lay out, train, judge, publish. One thread.
 */
final class JobAttempt {
  private static final System.Logger LOG = System.getLogger(JobAttempt.class.getName());

  /** What every pass needs. */
  record Means(
      InferenceEngine engine,
      ExampleStore examples,
      JobData dataset,
      JobTraining training,
      PeftReader reader,
      Judge judge,
      AdapterPublisher publisher,
      TuningDefaults defaults,
      JobFolders folders,
      Clock clock) {}

  private final Means means;
  private final JobLease lease;
  private final TuningJob job;
  private final AdapterId adapter;
  private final Path folder;

  JobAttempt(Means means, JobLease lease) {
    this.means = means;
    this.lease = lease;
    this.job = lease.job();
    this.adapter = job.adapter();
    this.folder = means.folders().of(job.id());
  }

  /**
   * Brings the job to its end.
   *
   * @throws JobLeft where it is not this process' to end
   * @throws TrainerFailed where the trainer has ended it
   * @throws TrimtabException what is wrong with the job, or what the store or the engine could not
   *     do now; and the latter of an {@link IOException}
   */
  void run() throws IOException {
    Optional<Revision> made = means.publisher().made(adapter, job.id());
    if (made.isPresent()) {
      // Killed between the revision and the job's end: what is made is published, not made anew.
      published(report(made.get()), () -> means.publisher().publish(adapter, made.get()));
      return;
    }
    means.publisher().requireRoom(adapter);
    ExampleSplit split = split();
    if (!JobFolder.isSealed(folder)) {
      layOut(split);
    }
    Outcome outcome = means.training().train(lease, folder);
    lease.trained();
    Judgement judgement = judge(split);
    LOG.log(
        System.Logger.Level.INFO,
        "Tuning job {0}: {1} after {2} updates, at scale {3}",
        job.id(),
        judgement.report().verdict(),
        outcome.steps(),
        judgement.scale());
    TunedCandidate candidate =
        new TunedCandidate(
            adapter,
            JobFolder.open(folder).delta(),
            job.id(),
            job.created(),
            "",
            judgement.scale(),
            judgement.report(),
            judgement.envelope());
    published(candidate.gate(), () -> means.publisher().publish(candidate));
  }

  private GateReport report(Revision made) {
    if (made.gate() == null) {
      throw new IllegalStateException("A job's revision has no gate's report: " + job.id());
    }
    return made.gate();
  }

  /** The same however often the job is begun: only what was there when it was first. */
  private ExampleSplit split() {
    // At first all that there is, also what came while the clock was ahead.
    Instant until = job.newestExample().equals(Instant.EPOCH) ? Instant.MAX : job.newestExample();
    return ExampleSplit.of(
        means.examples().usable(adapter).stream()
            .filter(example -> !example.received().isAfter(until))
            .toList(),
        means.defaults().gateMin());
  }

  private void layOut(ExampleSplit split) throws IOException {
    means.folders().delete(job.id());
    Instant newest = newest(split);
    Counts counts =
        new Counts(split.training().size(), split.validation().size(), split.gate().size());
    lease.change(draft -> draft.counts(counts, newest));
    Files.createDirectories(folder.getParent());
    try (JobDraft writer =
        JobFolder.create(
            folder,
            means
                .defaults()
                .plan(
                    Recipe.of(job.recipe()),
                    training(split.training().size()),
                    Optional.empty()))) {
      // One answer of the rehearsal may wait for longer than is left of the lease.
      LeaseWatch watch = LeaseWatch.start(lease);
      try {
        means.dataset().write(writer, adapter.tenant(), split, lease::keep);
      } finally {
        watch.end();
      }
      // Whoever has the job now has the folder as well, and seals it himself.
      lease.keep();
      writer.seal();
    }
  }

  private TrainingSettings training(int examples) {
    TuningDefaults defaults = means.defaults();
    double rehearsed = means.dataset().rehearses() ? defaults.rehearsal().share() : 0;
    return lease
        .order()
        .map(order -> order.training().over(defaults.training(), rehearsed, examples))
        .orElse(defaults.training());
  }

  private Instant newest(ExampleSplit split) {
    Instant newest =
        Stream.of(split.training(), split.validation(), split.gate())
            .flatMap(List::stream)
            .map(Example::received)
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
    return newest;
  }

  private Judgement judge(ExampleSplit split) throws IOException {
    JobFolder trained = JobFolder.open(folder);
    LeaseWatch watch = LeaseWatch.start(lease);
    try (Arena arena = Arena.ofShared()) {
      return means
          .judge()
          .judge(
              adapter.tenant(),
              candidate(trained.delta(), arena),
              means.dataset().evaluation(split.all(), trainedOn(trained)),
              JudgementListener.silent());
    } catch (InterruptedException e) {
      // By the watch, which says why as it ends, or because the server stops.
      Thread.currentThread().interrupt();
      throw new JobLeft("the server stops");
    } finally {
      watch.end();
    }
  }

  /** Whether an example, or another of the same conversation, is in the job's folder. */
  private Predicate<Example> trainedOn(JobFolder trained) {
    Set<String> ids =
        trained.sequences().stream().map(TrainingSequence::id).collect(Collectors.toSet());
    Set<List<KeptMessage>> conversations =
        means.examples().list(adapter).stream()
            .map(KeptExample::example)
            .filter(example -> ids.contains(example.feedbackId()))
            .map(Example::conversation)
            .collect(Collectors.toSet());
    return example ->
        ids.contains(example.feedbackId()) || conversations.contains(example.conversation());
  }

  private PeftAdapter candidate(Path delta, Arena arena) {
    try {
      return means
          .reader()
          .read(
              delta.resolve("adapter_config.json"),
              delta.resolve("adapter_model.safetensors"),
              arena);
    } catch (TrimtabException e) {
      throw new TrimtabException(
          e.code(), "The delta that was trained can't be read: " + e.getMessage(), e);
    }
  }

  /** Once the job says what the gate said, nobody cancels it: what comes is one short step. */
  private void published(GateReport report, Supplier<Revision> publishing) {
    lease.change(draft -> draft.state(JobState.EVALUATING).gate(report));
    Revision made = lease.patiently(publishing);
    lease.end(
        made,
        switch (report.verdict()) {
          case PASSED -> JobState.PUBLISHED;
          case REFUSED -> JobState.REJECTED;
        });
  }
}
