package io.trimtab.tuning;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** The right to train a job: one process has it, and loses it when it ends, however it ends. */
final class JobLock implements AutoCloseable {
  private static final long RETRY_MILLIS = 100;

  private final FileChannel channel;

  private JobLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock of a folder. A trainer whose server has gone ends at its next micro-batch, so
   * that one waits for it.
   *
   * @param patience how long at most
   * @throws TrimtabException FAILED_PRECONDITION after that; CANCELLED by the switch
   */
  static JobLock take(Path folder, Duration patience, TrainingSwitch turn) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw TrimtabException.invalid("Expected a job's folder, there is none at " + folder);
    }
    FileChannel channel =
        FileChannel.open(
            folder.resolve("trainer.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      long deadline = System.nanoTime() + patience.toNanos();
      while (channel.tryLock() == null) {
        if (System.nanoTime() - deadline > 0) {
          throw new TrimtabException(
              ErrorCode.FAILED_PRECONDITION,
              "Another process has trained this job for the last %s".formatted(patience));
        }
        turn.awaitAtMost(RETRY_MILLIS);
      }
      return new JobLock(channel);
    } catch (IOException | RuntimeException e) {
      try (channel) {
        throw e;
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
