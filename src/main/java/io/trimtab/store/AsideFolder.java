package io.trimtab.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where one open store keeps what it has not finished: {@code <id>/} beside {@code <id>.lock}. The
 * lock is held as long as the process lives, so whoever can take it knows that the folder is left
 * over. Made at the first need, since a server must be able to start on a full disk. Safe for use
 * by many threads.
 */
final class AsideFolder implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AsideFolder.class.getName());
  private static final Pattern LOCK_NAME = Pattern.compile("([0-9a-f-]{36})\\.lock");

  /**
   * Lock files of this process. POSIX drops all locks that a process has on a file when it closes
   * any channel to it, so these must not even be opened again.
   */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path parent;
  private final String id = UUID.randomUUID().toString();
  private @Nullable FileChannel lock; // guarded by this
  private long next; // guarded by this
  private boolean closed; // guarded by this

  private AsideFolder(Path parent) {
    this.parent = parent;
  }

  /** Removes what killed processes left, and nothing of those that live. */
  static AsideFolder in(Path parent) throws IOException {
    for (Path entry : entries(parent)) {
      try {
        sweep(parent, entry);
      } catch (IOException e) {
        LOG.log(System.Logger.Level.WARNING, "Left over and not removed: " + entry, e);
      }
    }
    return new AsideFolder(parent);
  }

  /** A path for a new file, never given before. */
  synchronized Path newFile() throws IOException {
    if (closed) {
      throw new IOException("The store is closed");
    }
    if (lock == null) {
      lock = locked();
    }
    Path folder = parent.resolve(id);
    if (!Files.isDirectory(folder)) {
      Files.createDirectory(folder);
    }
    return folder.resolve(Long.toString(next++));
  }

  /** Removes a file, now or at the next start; one that has been renamed is no longer there. */
  void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "Not removed before the next start: " + file, e);
    }
  }

  /** Removes a folder that was moved here, now or at the next start. */
  void deleteFolder(Path moved) {
    try {
      deleteTree(moved);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "Not removed before the next start: " + moved, e);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    if (lock != null) {
      deleteTree(parent.resolve(id));
      Files.deleteIfExists(lockFile());
      lock.close();
      lock = null;
      OWN.remove(lockFile());
    }
  }

  private Path lockFile() {
    return parent.resolve(id + ".lock");
  }

  private FileChannel locked() throws IOException {
    OWN.add(lockFile());
    FileChannel channel =
        FileChannel.open(lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    // A sweeper may have had it for a moment, and then the name is gone or about to be.
    if (channel.tryLock() == null || !Files.exists(lockFile())) {
      channel.close();
      throw new IOException("Another process swept the lock of this one: try again");
    }
    return channel;
  }

  private static void sweep(Path parent, Path entry) throws IOException {
    Matcher name = LOCK_NAME.matcher(entry.getFileName().toString());
    if (!name.matches()
        || OWN.contains(entry)
        || !Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(entry, StandardOpenOption.WRITE);
        FileLock taken = channel.tryLock()) {
      if (taken != null) {
        deleteTree(parent.resolve(name.group(1)));
        // Last: a folder without its lock would never be swept.
        Files.deleteIfExists(entry);
      }
    } catch (NoSuchFileException e) {
      // Another sweeper was first.
    } catch (OverlappingFileLockException e) {
      // Of this process, but of another class loader.
    }
  }

  private static List<Path> entries(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
