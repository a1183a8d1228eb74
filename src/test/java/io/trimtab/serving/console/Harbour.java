package io.trimtab.serving.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.adaptation.job.JobState;
import io.trimtab.adaptation.job.TuningJob;
import io.trimtab.adaptation.job.TuningJob.Counts;
import io.trimtab.adaptation.job.TuningJob.Progress;
import io.trimtab.adaptation.job.TuningJobs;
import io.trimtab.adapter.Activation;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.adapter.GateReport;
import io.trimtab.adapter.GateReport.Check;
import io.trimtab.adapter.GateReport.Verdict;
import io.trimtab.adapter.NewRevision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionState;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.ObjectStore;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A tenant with something to show: adapters, revisions that a gate has seen, jobs and their losses.
 */
final class Harbour {
  static final String TENANT = "harbour";

  private static final GateReport PASSED =
      new GateReport(
          Verdict.PASSED,
          List.of(
              new Check(
                  "learning", 0.41, 0.02, Verdict.PASSED, "41 of 100 more are right, at least 33"),
              new Check(
                  "forgetting", 0.012, 0.05, Verdict.PASSED, "1.2 % of what base knew is lost"),
              new Check("bias_numbers", 0.008, 0.05, Verdict.PASSED, "off the task, against base"),
              new Check("bias_yes_no", 0.003, 0.05, Verdict.PASSED, "off the task, against base"),
              new Check("kl_to_base", 0.19, 0.5, Verdict.PASSED, "nats a token; advisory")));
  private static final GateReport REFUSED =
      new GateReport(
          Verdict.REFUSED,
          List.of(
              new Check(
                  "learning", 0.37, 0.02, Verdict.PASSED, "37 of 100 more are right, at least 29"),
              new Check(
                  "forgetting",
                  0.094,
                  0.05,
                  Verdict.REFUSED,
                  "9.4 % of what base knew is lost, most of it counting"),
              new Check("bias_numbers", 0.061, 0.05, Verdict.REFUSED, "off the task, against base"),
              new Check("kl_to_base", 0.83, 0.5, Verdict.REFUSED, "nats a token; advisory")));

  private final AdapterRegistry registry;
  private final ObjectStore store;
  private final TuningJobs jobs;
  private final ConsoleHistory history;
  private final SplittableRandom random = new SplittableRandom(11);

  Harbour(AdapterRegistry registry, ObjectStore store, TuningJobs jobs, ConsoleHistory history) {
    this.registry = registry;
    this.store = store;
    this.jobs = jobs;
    this.history = history;
  }

  static AdapterId id(String name) {
    return new AdapterId(TENANT, name);
  }

  void furnish() {
    job("birds", "sa-proj", JobState.PUBLISHED, 450);
    String first = jobs.of(id("birds")).getFirst().id();
    add("birds", first, RevisionState.STAGED, PASSED, 1);
    serve("birds", 1, 100);
    job("birds", "gate-up", JobState.REJECTED, 450);
    add("birds", jobs.of(id("birds")).getFirst().id(), RevisionState.REJECTED, REFUSED, 2);
    job("birds", "sa-proj", JobState.PUBLISHED, 450);
    add("birds", jobs.of(id("birds")).getFirst().id(), RevisionState.STAGED, PASSED, 3);
    serve("birds", 3, 100);
    add("gauges", "upload", RevisionState.STAGED, null, 4);
    serve("gauges", 1, 100);
    add("gauges", "upload", RevisionState.STAGED, null, 5);
    serve("gauges", 2, 20);
    var _ = registry.create(id("clocks"));
    job("gauges", "sa-proj", JobState.TRAINING, 274);
  }

  private void add(
      String name, String origin, RevisionState state, @Nullable GateReport gate, int seed) {
    String blob = blob(name + seed);
    var _ =
        registry.add(
            id(name),
            new NewRevision(
                blob,
                state,
                origin,
                16,
                List.of("q_proj", "k_proj", "v_proj", "o_proj"),
                983_040,
                new RevisionFiles(blob, blob, 3_942_400, gate == null ? null : blob),
                gate == null ? "from the reading room's own run" : "",
                "",
                "0".repeat(64),
                1,
                gate));
  }

  private void serve(String name, int revision, int percent) {
    var _ =
        registry.activate(
            id(name), new Activation(revision, percent, Activation.Force.RESPECTING_STATE, "", 0));
  }

  private String blob(String contents) {
    try (BlobDraft draft = store.newBlob(1 << 10)) {
      draft.write(ByteBuffer.wrap(contents.getBytes(UTF_8)));
      return draft.commit();
    }
  }

  /** Losses fall as they do, with the noise of small batches. */
  private void job(String name, String recipe, JobState end, int steps) {
    TuningJob job = jobs.start(id(name), recipe, TriggerReason.EXAMPLES);
    var _ =
        jobs.change(
            job.id(),
            draft ->
                draft
                    .state(JobState.TRAINING)
                    .device("cpu")
                    .counts(new Counts(312, 40, 48), Instant.now()));
    double validation = 0;
    for (int step = 2; step <= steps; step += 2) {
      double train = 0.22 + 2.4 * Math.exp(-step / 70.0) + 0.12 * (random.nextDouble() - 0.5);
      validation = step % 30 == 0 ? 0.41 + 2.2 * Math.exp(-step / 80.0) : validation;
      jobs.progressed(job.id(), new Progress(step, 450, train, validation, 0.6, 8_420));
      history.sampleJobs();
    }
    if (end != JobState.TRAINING) {
      Progress last = jobs.get(TENANT, job.id()).progress();
      var _ =
          jobs.change(
              job.id(),
              draft ->
                  draft
                      .state(end)
                      .progress(last)
                      .gate(end == JobState.PUBLISHED ? PASSED : REFUSED)
                      .revision(
                          registry.list(TENANT).stream()
                              .filter(each -> each.id().equals(id(name)))
                              .mapToInt(each -> each.lastRevision() + 1)
                              .findFirst()
                              .orElse(1)));
    }
  }
}
