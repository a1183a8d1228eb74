package io.trimtab.store;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Objects in a folder of a local file system that has hard links:
 *
 * <pre>
 * blobs/ab/abcd…            contents under their digest
 * lines/kind/ab/abcd…/17    version 17 of a line
 * aside/id/5, aside/id.lock what a living process has not finished
 * </pre>
 *
 * A blob or version is written aside, synced, and appears under its name in one step: by a rename,
 * or by a link, which the file system refuses when the name exists, to threads and processes alike.
 * Files of other names, links and folders where a file should be are passed over. Files are never
 * written again, so they can be copied and backed up while the store is in use. A line is deleted
 * by one rename of its folder to a place aside.
 *
 * <p>Failures of the disk are UNAVAILABLE, a full one RESOURCE_EXHAUSTED, and leave nothing behind;
 * one that comes after the name has appeared leaves the whole version.
 */
public final class FileObjectStore implements ObjectStore, AutoCloseable {
  /** Name of the folder below a data folder where a server keeps its objects. */
  public static final String FOLDER = "store";

  private final Path blobs;
  private final Path lines;
  private final AsideFolder aside;
  private final FileSteps steps;

  /** Folders whose own name this process knows to be durable; those of single lines left out. */
  private final Set<Path> durable = ConcurrentHashMap.newKeySet();

  private FileObjectStore(Path root, AsideFolder aside, FileSteps steps) {
    this.blobs = root.resolve("blobs");
    this.lines = root.resolve("lines");
    this.aside = aside;
    this.steps = steps;
  }

  /**
   * Opens a folder, which is made where there is none, and removes what killed processes left
   * unfinished in it. Any number of processes may have it open.
   */
  public static FileObjectStore open(Path root) {
    return open(root, FileSteps.REAL);
  }

  static FileObjectStore open(Path root, FileSteps steps) {
    try {
      Files.createDirectories(root);
      Path real = root.toRealPath();
      for (String part : List.of("blobs", "lines", "aside")) {
        Files.createDirectories(real.resolve(part));
      }
      steps.syncFolder(real);
      return new FileObjectStore(real, AsideFolder.in(real.resolve("aside")), steps);
    } catch (IOException e) {
      throw DiskFailure.of("The store in %s could not be opened".formatted(root), e);
    }
  }

  /** Drops what is unfinished; nothing can be written afterwards, and all is readable. */
  @Override
  public void close() {
    try {
      aside.close();
    } catch (IOException e) {
      throw DiskFailure.of("The store could not be closed", e);
    }
  }

  @Override
  public BlobDraft newBlob(long bytesMax) {
    try {
      return FileBlobDraft.open(this, aside, steps, bytesMax);
    } catch (IOException e) {
      throw DiskFailure.of("A blob could not be begun", e);
    }
  }

  /** Gives a synced file its name as a blob. */
  void keep(Path file, String sha256) throws IOException {
    Path folder = made(blobs, fan(sha256));
    // Over an equal blob, and over one that the disk has spoilt.
    steps.move(file, folder.resolve(sha256));
    steps.syncFolder(folder);
  }

  @Override
  public Path blob(String sha256) {
    Path blob = blobPath(sha256);
    if (!isFile(blob)) {
      throw noBlob(sha256);
    }
    try {
      String found = Sha256.of(blob);
      if (!found.equals(sha256)) {
        throw new TrimtabException(
            ErrorCode.INTERNAL,
            "The blob %s is damaged: its contents are those of %s".formatted(sha256, found));
      }
      return blob;
    } catch (NoSuchFileException e) {
      throw noBlob(sha256);
    } catch (IOException e) {
      throw DiskFailure.of("The blob %s could not be read".formatted(sha256), e);
    }
  }

  @Override
  public boolean hasBlob(String sha256) {
    return isFile(blobPath(sha256));
  }

  @Override
  public void deleteBlob(String sha256) {
    Path blob = blobPath(sha256);
    try {
      if (isFile(blob)) {
        Files.deleteIfExists(blob);
      }
    } catch (IOException e) {
      throw DiskFailure.of("The blob %s could not be deleted".formatted(sha256), e);
    }
  }

  @Override
  public boolean putIfAbsent(LineName line, long version, byte[] contents) {
    Path folder = lineFolder(line);
    if (version < 1 || (version > 1 && !isFile(versionPath(folder, version - 1)))) {
      throw new IllegalArgumentException(
          "Version %d of a line that has no version %d".formatted(version, version - 1));
    }
    Path target = versionPath(folder, version);
    try {
      return !isFile(target) && link(line, version, contents);
    } catch (UnsupportedOperationException e) {
      throw new TrimtabException(
          ErrorCode.UNAVAILABLE, "The store's file system has no hard links", e);
    } catch (IOException e) {
      throw DiskFailure.of("A version could not be written", e);
    }
  }

  @Override
  public Optional<byte[]> read(LineName line, long version) {
    Path file = versionPath(lineFolder(line), version);
    try {
      return isFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw DiskFailure.of("A version could not be read", e);
    }
  }

  @Override
  public long latest(LineName line) {
    Path folder = lineFolder(line);
    // Versions have no gaps, so this takes 2 log2 n looks and no listing.
    long there = 0;
    long beyond = 1;
    while (isFile(versionPath(folder, beyond))) {
      there = beyond;
      beyond *= 2;
    }
    while (beyond - there > 1) {
      long middle = (there + beyond) >>> 1;
      if (isFile(versionPath(folder, middle))) {
        there = middle;
      } else {
        beyond = middle;
      }
    }
    return there;
  }

  @Override
  public void deleteLine(LineName line) {
    Path folder = lineFolder(line);
    if (!isFolder(folder)) {
      return;
    }
    try {
      Path removed = aside.newFile();
      // One step for all versions; what is left aside by a kill goes at the next start.
      steps.move(folder, removed);
      steps.syncFolder(lines.resolve(line.kind()).resolve(fan(line.digest())));
      aside.deleteFolder(removed);
    } catch (NoSuchFileException e) {
      // Another was first.
    } catch (IOException e) {
      throw DiskFailure.of("A line could not be deleted", e);
    }
  }

  @Override
  public List<LineName> lines(String kind) {
    List<LineName> found = new ArrayList<>();
    try {
      for (Path fan : folders(lines.resolve(LineName.of(kind).kind()))) {
        for (Path folder : folders(fan)) {
          String digest = folder.getFileName().toString();
          if (Sha256.isHex(digest)
              && folder.equals(lineFolder(new LineName(kind, digest)))
              && isFile(versionPath(folder, 1))) {
            found.add(new LineName(kind, digest));
          }
        }
      }
    } catch (IOException e) {
      throw DiskFailure.of("The lines of %s could not be listed".formatted(kind), e);
    }
    return found;
  }

  private boolean link(LineName line, long version, byte[] contents) throws IOException {
    Path folder = lineFolder(line);
    Path target = versionPath(folder, version);
    Path file = aside.newFile();
    try {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        steps.write(channel, ByteBuffer.wrap(contents));
        steps.sync(channel);
      }
      if (version == 1) {
        makeLineFolder(line);
      }
      steps.link(target, file);
      steps.syncFolder(folder);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (isFile(target)) {
        return false;
      }
      throw new IOException("Something that is no version lies in its place", e);
    } finally {
      aside.delete(file);
    }
  }

  private void makeLineFolder(LineName line) throws IOException {
    Path parent = made(made(lines, line.kind()), fan(line.digest()));
    create(parent.resolve(line.digest()));
    steps.syncFolder(parent);
  }

  /** A folder that is there, and durably so. */
  private Path made(Path parent, String name) throws IOException {
    Path folder = parent.resolve(name);
    if (!durable.contains(folder)) {
      create(folder);
      steps.syncFolder(parent);
      durable.add(folder);
    }
    return folder;
  }

  private void create(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      try {
        steps.createFolder(folder);
      } catch (FileAlreadyExistsException e) {
        if (!Files.isDirectory(folder)) {
          throw new IOException("Something that is no folder lies in its place", e);
        }
      }
    }
  }

  private Path blobPath(String sha256) {
    if (!Sha256.isHex(sha256)) {
      throw new IllegalArgumentException("Not a digest: " + sha256);
    }
    return blobs.resolve(fan(sha256)).resolve(sha256);
  }

  private Path lineFolder(LineName line) {
    return lines.resolve(line.kind()).resolve(fan(line.digest())).resolve(line.digest());
  }

  /** So many folders that none grows too long to list. */
  private static String fan(String digest) {
    return digest.substring(0, 2);
  }

  private static Path versionPath(Path folder, long version) {
    return folder.resolve(Long.toString(version));
  }

  private static boolean isFile(Path path) {
    BasicFileAttributes there = look(path);
    return there != null && there.isRegularFile();
  }

  private static boolean isFolder(Path path) {
    BasicFileAttributes there = look(path);
    return there != null && there.isDirectory();
  }

  /**
   * What lies there, a link itself and not where it leads; null for nothing.
   *
   * <p>Files.isRegularFile and its like say of a disk that fails that nothing is there, and whoever
   * hears that deletes what belongs to it.
   *
   * @throws TrimtabException UNAVAILABLE where that can't be told
   */
  private static @Nullable BasicFileAttributes look(Path path) {
    try {
      return path.getFileSystem()
          .provider()
          .readAttributesIfExists(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      if (DiskFailure.isNoFolder(e)) {
        return null;
      }
      throw DiskFailure.of("The store can't be looked into", e);
    }
  }

  private static List<Path> folders(Path folder) throws IOException {
    if (!isFolder(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(FileObjectStore::isFolder).toList();
    }
  }

  private static TrimtabException noBlob(String sha256) {
    return new TrimtabException(ErrorCode.NOT_FOUND, "There is no blob %s".formatted(sha256));
  }
}
