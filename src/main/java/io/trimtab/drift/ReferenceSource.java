package io.trimtab.drift;

import io.trimtab.adapter.AdapterId;

/** Where the reference of a revision comes from. Any thread; may read the disk. */
public interface ReferenceSource {
  /**
   * What a revision is held against; base where nothing is known of it.
   *
   * @throws io.trimtab.error.TrimtabException UNAVAILABLE where that cannot be read now
   */
  Reference of(AdapterId id, int revision);
}
