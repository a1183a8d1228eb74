package io.trimtab.adaptation.governor;

import io.trimtab.adapter.AdapterId;
import io.trimtab.error.TrimtabException;

/** Who tunes an adapter anew. Blocks on the store. */
public interface Retraining {
  /**
   * Queues a job.
   *
   * @return its id
   * @throws TrimtabException FAILED_PRECONDITION where there are too few examples or a job is under
   *     way
   */
  String order(AdapterId id);
}
