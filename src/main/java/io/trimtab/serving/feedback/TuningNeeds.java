package io.trimtab.serving.feedback;

import io.trimtab.adapter.AdapterId;
import java.util.Set;

/** What is known of an adapter's tuning that its feedback alone does not say. */
public interface TuningNeeds {
  /** Feedback ids of the examples that a job has seen. */
  Set<String> tuned(AdapterId adapter);

  /** New examples that call for a job. */
  int needed();
}
