package io.trimtab.store;

import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A file store that never waits for the disk: for tests that make thousands of changes. */
public final class UnsyncedStore {
  private UnsyncedStore() {}

  public static FileObjectStore open(Path root) {
    return FileObjectStore.open(
        root,
        new FileSteps() {
          @Override
          public void sync(FileChannel file) {}

          @Override
          public void syncFolder(Path folder) {}
        });
  }
}
