package io.trimtab.store;

import io.trimtab.error.TrimtabException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A blob being written. Closed without a commit it leaves nothing behind. One thread at a time. */
public interface BlobDraft extends AutoCloseable {
  /**
   * Appends the remaining bytes of the buffer.
   *
   * @throws TrimtabException RESOURCE_EXHAUSTED beyond the blob's limit or on a full disk, with
   *     both numbers or the file system's reason
   */
  void write(ByteBuffer bytes);

  /** Bytes written so far. */
  long bytes();

  /** Ends the writing; the whole contents as a local file, to be looked at before they are kept. */
  Path file();

  /** Makes the blob durable under its digest and returns that: 64 hex digits. */
  String commit();

  @Override
  void close();
}
