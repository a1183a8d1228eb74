package io.trimtab.adaptation;

import io.trimtab.error.TrimtabException;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** One file of an upload, on its way to the store. One thread at a time. */
final class ReceivedFile implements AutoCloseable {
  private static final int COPY_BYTES = 1 << 20;

  private final AdapterFile file;
  private final long bytesMax;
  private final BlobDraft draft;
  private final MessageDigest sha256;

  ReceivedFile(AdapterFile file, long bytesMax, ObjectStore store) {
    this.file = file;
    this.bytesMax = bytesMax;
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
    this.draft = store.newBlob(bytesMax);
  }

  void write(ByteBuffer bytes) {
    if (bytes.remaining() > bytesMax - draft.bytes()) {
      throw TrimtabException.invalid(
          "%s has more than %d bytes: expected at most %d"
              .formatted(file.fileName(), draft.bytes() + bytes.remaining() - 1, bytesMax));
    }
    sha256.update(bytes.duplicate());
    draft.write(bytes);
  }

  /** All of the file of that name in a folder. */
  void copyFrom(Path folder) {
    ByteBuffer piece = ByteBuffer.allocate(COPY_BYTES);
    try (FileChannel source = FileChannel.open(folder.resolve(file.fileName()))) {
      while (source.read(piece) >= 0) {
        write(piece.flip());
        piece.clear();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long bytes() {
    return draft.bytes();
  }

  /** The contents so far, which are all: nothing is written after this. */
  Path path() {
    return draft.file();
  }

  /**
   * The name that the blob will have, known ahead of the commit so that it can be pinned. To be
   * asked once, at the end.
   */
  String digest() {
    return HexFormat.of().formatHex(sha256.digest());
  }

  void commit() {
    draft.commit();
  }

  @Override
  public void close() {
    draft.close();
  }
}
