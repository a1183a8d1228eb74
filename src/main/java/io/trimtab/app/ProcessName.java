package io.trimtab.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * What this process is called among all that share a store. It is kept in the data folder: what a
 * killed process left behind is its own when it starts again. Processes over one data folder have a
 * name each, held by a lock on its file until {@link #close} or the process' end.
 */
final class ProcessName implements AutoCloseable {
  private static final String FILE = "process-id";
  private static final int PROCESSES_MAX = 64;
  private static final int LENGTH_MAX = 100;

  private final FileChannel held;
  private final int number;
  private final String text;

  private ProcessName(FileChannel held, int number, String text) {
    this.held = held;
    this.number = number;
    this.text = text;
  }

  /** The first name that no living process has; a new one where all are taken. */
  static ProcessName take(Path data) {
    try {
      Files.createDirectories(data);
      for (int number = 1; number <= PROCESSES_MAX; number++) {
        FileChannel channel =
            FileChannel.open(
                data.resolve(number == 1 ? FILE : FILE + "-" + number),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        if (isLocked(channel)) {
          return new ProcessName(channel, number, kept(channel));
        }
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The data folder can't be used", e);
    }
    throw new IllegalStateException(
        "%d processes use the data folder, expected fewer".formatted(PROCESSES_MAX));
  }

  /** Whether it is the first of all names over the data folder: that of a process alone. */
  boolean isFirst() {
    return number == 1;
  }

  @Override
  public String toString() {
    return text;
  }

  @Override
  public void close() {
    try {
      held.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static String kept(FileChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(LENGTH_MAX);
    var _ = channel.read(bytes, 0);
    String name = StandardCharsets.UTF_8.decode(bytes.flip()).toString().strip();
    if (name.isEmpty()) {
      name = UUID.randomUUID().toString();
      var _ = channel.write(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)), 0);
      channel.force(true);
    }
    return name;
  }
}
