package io.trimtab.store;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/** A blob in a file aside, digested as it is written. One thread at a time. */
final class FileBlobDraft implements BlobDraft {
  private static final System.Logger LOG = System.getLogger(FileBlobDraft.class.getName());

  private enum Stage {
    WRITING,
    WRITTEN,
    OVER
  }

  private final FileObjectStore store;
  private final AsideFolder aside;
  private final FileSteps steps;
  private final long bytesMax;
  private final Path file;
  private final FileChannel channel;
  private final MessageDigest sha256 = Sha256.start();
  private Stage stage = Stage.WRITING;
  private long bytes;

  private FileBlobDraft(
      FileObjectStore store,
      AsideFolder aside,
      FileSteps steps,
      long bytesMax,
      Path file,
      FileChannel channel) {
    this.store = store;
    this.aside = aside;
    this.steps = steps;
    this.bytesMax = bytesMax;
    this.file = file;
    this.channel = channel;
  }

  static FileBlobDraft open(
      FileObjectStore store, AsideFolder aside, FileSteps steps, long bytesMax) throws IOException {
    Path file = aside.newFile();
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return new FileBlobDraft(store, aside, steps, bytesMax, file, channel);
  }

  @Override
  public void write(ByteBuffer more) {
    require(stage == Stage.WRITING, "Written to");
    long total = bytes + more.remaining();
    if (total > bytesMax) {
      throw new TrimtabException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "The blob has %d bytes or more, expected at most %d".formatted(total, bytesMax));
    }
    sha256.update(more.duplicate());
    try {
      steps.write(channel, more);
    } catch (IOException e) {
      close();
      throw DiskFailure.of("The blob could not be written", e);
    }
    bytes = total;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public Path file() {
    require(stage != Stage.OVER, "Looked at");
    stage = Stage.WRITTEN;
    return file;
  }

  @Override
  public String commit() {
    require(stage != Stage.OVER, "Committed");
    try {
      steps.sync(channel);
      String digest = HexFormat.of().formatHex(sha256.digest());
      store.keep(file, digest);
      return digest;
    } catch (IOException e) {
      throw DiskFailure.of("The blob could not be kept", e);
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    if (stage == Stage.OVER) {
      return;
    }
    stage = Stage.OVER;
    // A committed blob has left this name.
    aside.delete(file);
    try {
      channel.close();
    } catch (IOException e) {
      // Whatever the commit promised was synced before.
      LOG.log(System.Logger.Level.WARNING, "The file of a blob was not closed", e);
    }
  }

  private void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException("%s when it was %s".formatted(what, stage));
    }
  }
}
