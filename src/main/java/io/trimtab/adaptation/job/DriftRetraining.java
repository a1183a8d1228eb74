package io.trimtab.adaptation.job;

import io.trimtab.adaptation.feedback.ExampleStore;
import io.trimtab.adaptation.feedback.TriggerReason;
import io.trimtab.adaptation.governor.Retraining;
import io.trimtab.adapter.AdapterId;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.tuning.job.Recipe;
import java.util.Set;

/** Queues a job where an adapter has drifted and there are examples enough. Any thread. */
public final class DriftRetraining implements Retraining {
  private final TuningJobs jobs;
  private final ExampleStore examples;
  private final Recipe recipe;
  private final int examplesMin;

  /**
   * @param examplesMin usable examples below which nothing is tuned by itself
   */
  public DriftRetraining(TuningJobs jobs, ExampleStore examples, Recipe recipe, int examplesMin) {
    this.jobs = jobs;
    this.examples = examples;
    this.recipe = recipe;
    this.examplesMin = examplesMin;
  }

  @Override
  public String order(AdapterId id) {
    examples.refresh();
    int usable = examples.counts(id, Set.of()).usable();
    if (usable < examplesMin) {
      throw new TrimtabException(
          ErrorCode.FAILED_PRECONDITION,
          "The adapter '%s' has %d usable examples, expected at least %d to be tuned anew"
              .formatted(id.name(), usable, examplesMin));
    }
    return jobs.start(id, recipe.wireName(), TriggerReason.DRIFT).id();
  }
}
