package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.DueAdapter;
import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.Recipe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The one that begins jobs: left-behind and queued ones first, then what the examples call for, one
 * at a time. What is damaged of one adapter is passed over. A thread of its own from {@link #start}
 * to {@link #close}.
 *
 * <p>Examples that this process keeps are known at once. For those of others all that are kept must
 * be looked through, which is done less often than for jobs, and before one begins.
 */
public final class TuningScheduler implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(TuningScheduler.class.getName());
  private static final Duration LOOK = Duration.ofMillis(500);
  private static final Duration EXAMPLES_LOOK = Duration.ofSeconds(10);

  private final TuningJobs jobs;
  private final ExampleStore examples;
  private final TriggerWatch triggers;
  private final JobRunner runner;
  private final Recipe recipe;
  private final Duration examplesLook;
  private final EachByItself candidates = new EachByItself();
  private final Thread thread;
  private volatile boolean closed;

  public TuningScheduler(
      TuningJobs jobs,
      ExampleStore examples,
      TriggerWatch triggers,
      JobRunner runner,
      Recipe recipe) {
    this(jobs, examples, triggers, runner, recipe, EXAMPLES_LOOK);
  }

  /**
   * @param examplesLook after which what others wrote of examples is looked for
   */
  TuningScheduler(
      TuningJobs jobs,
      ExampleStore examples,
      TriggerWatch triggers,
      JobRunner runner,
      Recipe recipe,
      Duration examplesLook) {
    this.jobs = jobs;
    this.examples = examples;
    this.triggers = triggers;
    this.runner = runner;
    this.recipe = recipe;
    this.examplesLook = examplesLook;
    this.thread = Thread.ofPlatform().daemon().name("trimtab-tuning").unstarted(this::serve);
  }

  public void start() {
    thread.start();
  }

  /** What is tuned where nobody says otherwise. */
  public Recipe recipe() {
    return recipe;
  }

  /** Something has changed that may call for a job. */
  public void wake() {
    LockSupport.unpark(thread);
  }

  private void serve() {
    boolean swept = false;
    long nextExamples = System.nanoTime();
    while (!closed) {
      try {
        jobs.refresh();
        if (System.nanoTime() - nextExamples >= 0) {
          examples.refresh();
          nextExamples = System.nanoTime() + examplesLook.toNanos();
        }
        if (!swept) {
          runner.sweep();
          swept = true;
        }
        if (!runNext()) {
          LockSupport.parkNanos(LOOK.toNanos());
        }
      } catch (TrimtabException e) {
        // The store, most likely: tried again, and said once a look.
        LOG.log(System.Logger.Level.WARNING, "Tuning is held up: {0}", e.getMessage());
        LockSupport.parkNanos(LOOK.multipliedBy(10).toNanos());
      } catch (RuntimeException | Error e) {
        LOG.log(System.Logger.Level.ERROR, "A tuning job could not be run", e);
        LockSupport.parkNanos(LOOK.multipliedBy(60).toNanos());
      }
    }
  }

  private boolean runNext() {
    for (TuningJob waiting : jobs.open()) {
      if (runner.mayTake(waiting) && candidates.attempt(waiting.adapter(), () -> run(waiting))) {
        return true;
      }
    }
    List<AdapterId> busy = jobs.open().stream().map(TuningJob::adapter).toList();
    if (triggers.due(busy).isEmpty()) {
      return false;
    }
    examples.refresh();
    for (DueAdapter due : triggers.due(busy)) {
      if (candidates.attempt(due.adapter(), () -> start(due))) {
        return true;
      }
    }
    return false;
  }

  private void run(TuningJob waiting) {
    examples.refresh();
    runner.run(waiting);
  }

  private void start(DueAdapter due) {
    var _ = jobs.start(due.adapter(), recipe.wireName(), due.tune().reason());
  }

  /** Ends the job under way without ending it in the store: whoever starts next goes on with it. */
  @Override
  public void close() {
    closed = true;
    if (!thread.isAlive()) {
      return;
    }
    thread.interrupt();
    try {
      var _ = thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
