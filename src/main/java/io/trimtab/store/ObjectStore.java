package io.trimtab.store;

import io.trimtab.error.TrimtabException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Objects that never change: blobs, named by the sha-256 of their contents, and lines of numbered
 * versions. What a call has acknowledged is there after a kill at any moment; what it has not is
 * there whole or not at all. Safe for use by many threads and processes.
 */
public interface ObjectStore {
  /**
   * Begins a blob. What is written is in a file of its own until {@link BlobDraft#commit}.
   *
   * @param bytesMax most bytes that the blob may have
   */
  BlobDraft newBlob(long bytesMax);

  /**
   * A blob as a local file, checked against its digest, good until the blob is deleted; a file that
   * is mapped already stays readable after that.
   *
   * @throws TrimtabException NOT_FOUND where there is none, INTERNAL where its contents are others
   */
  Path blob(String sha256);

  boolean hasBlob(String sha256);

  /** Deletes a blob; one that is not there is no error. */
  void deleteBlob(String sha256);

  /**
   * Writes one version of a line unless it exists: the compare-and-set of this store. Lines have no
   * gaps.
   *
   * @param version 1, or one more than a version that is there
   * @return whether this call wrote it; when true it is durable
   */
  boolean putIfAbsent(LineName line, long version, byte[] contents);

  /** The contents of one version. */
  Optional<byte[]> read(LineName line, long version);

  /** Highest version of a line, 0 where the line is empty. */
  long latest(LineName line);

  /**
   * Deletes a line with all its versions; one that is empty is no error. Killed midway, the line is
   * there whole or not at all. A version that is written at the same moment is deleted with the
   * others or fails with UNAVAILABLE, and a line of this name can be begun anew.
   */
  void deleteLine(LineName line);

  /** All lines of a kind, in no particular order. */
  List<LineName> lines(String kind);
}
