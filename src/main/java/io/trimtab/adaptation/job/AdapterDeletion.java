package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.Predictions;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.error.TrimtabException;
import java.time.Instant;

/**
 * Deletes adapters with all that hangs on them: a job that has not ended is CANCELLED, examples and
 * retained predictions are deleted; their pictures go with the next sweep of pictures. The
 * registry's version is what counts. What a kill leaves after it, here or in another process, goes
 * with the next {@link #sweep}, and what came under the same name since stays.
 *
 * <p>Any thread; calls wait for the store.
 */
public final class AdapterDeletion {
  private static final System.Logger LOG = System.getLogger(AdapterDeletion.class.getName());

  private final AdapterRegistry registry;
  private final TuningJobs jobs;
  private final ExampleStore examples;
  private final Predictions predictions;

  public AdapterDeletion(
      AdapterRegistry registry, TuningJobs jobs, ExampleStore examples, Predictions predictions) {
    this.registry = registry;
    this.jobs = jobs;
    this.examples = examples;
    this.predictions = predictions;
  }

  /**
   * Deletes an adapter. Once it is deleted, nothing that fails behind it fails the call.
   *
   * @throws TrimtabException NOT_FOUND, or UNAVAILABLE where the store fails
   */
  public void delete(AdapterId id, String reason) {
    registry.delete(id, 0, reason);
    try {
      jobs.refresh();
      examples.refresh();
      jobs.open().stream().filter(job -> job.adapter().equals(id)).forEach(this::endWhereGone);
      clear(id);
    } catch (TrimtabException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "Of the deleted adapter {0} something is left until the next sweep: {1}",
          id,
          e.getMessage());
    }
  }

  /**
   * Deletes what is left of deleted adapters, whoever deleted them. To be run at the start and
   * every few minutes; a second process that does the same is no harm.
   *
   * @throws TrimtabException where the store fails; the next run goes on
   */
  public void sweep() {
    jobs.refresh();
    examples.refresh();
    predictions.refresh();
    jobs.open().forEach(this::endWhereGone);
    examples.adapters().forEach(this::clear);
    predictions.adapters().forEach(this::clear);
  }

  private void endWhereGone(TuningJob job) {
    try {
      if (registry.isGone(job.adapter(), job.created())) {
        jobs.endOfDeleted(job.id());
      }
    } catch (TrimtabException e) {
      skip(job.adapter(), e);
    }
  }

  private void clear(AdapterId id) {
    try {
      Instant deleted = registry.lastDeleted(id).orElse(Instant.MIN);
      examples.delete(id, deleted);
      predictions.delete(id, deleted);
    } catch (TrimtabException e) {
      skip(id, e);
    }
  }

  /** One whose versions can't be read is left alone; where the store fails, nothing goes on. */
  private static void skip(AdapterId id, TrimtabException e) {
    switch (e.code()) {
      case UNAVAILABLE, RESOURCE_EXHAUSTED -> throw e;
      case INVALID_ARGUMENT,
          UNAUTHENTICATED,
          NOT_FOUND,
          FAILED_PRECONDITION,
          INTERNAL,
          CANCELLED,
          DEADLINE_EXCEEDED ->
          LOG.log(
              System.Logger.Level.WARNING,
              "What hangs on the adapter {0} is left: {1}",
              id,
              e.getMessage());
    }
  }
}
