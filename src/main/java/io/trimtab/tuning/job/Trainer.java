package io.trimtab.tuning.job;

import java.nio.file.Path;

/** Something that trains a delta: a process of its own, or a fake. */
public interface Trainer {
  /**
   * Begins the job in a folder ({@link JobFolder}), or goes on with one that was killed. Returns at
   * once; the listener hears of the rest.
   */
  TuningRun start(Path jobFolder, TuningListener listener);
}
