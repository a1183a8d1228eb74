package io.trimtab.tuning.job;

import io.trimtab.error.TrimtabException;
import java.nio.file.Path;

/** Something that trains a delta: a process of its own, or a fake. */
public interface Trainer {
  /**
   * Begins the job in a folder ({@link JobFolder}), or goes on with one that was killed. Returns at
   * once; the listener hears of the rest, a lack of what training needs among it.
   *
   * @throws TrimtabException UNAVAILABLE once it was closed: the job is left to the next start
   */
  TuningRun start(Path jobFolder, TuningListener listener);
}
