package io.trimtab.adaptation.feedback;

import io.trimtab.adapter.AdapterId;
import java.util.Set;

/** Which examples have been tuned on. */
@FunctionalInterface
public interface TunedExamples {
  /** Feedback ids that some finished tuning of the adapter has seen. */
  Set<String> of(AdapterId adapter);
}
