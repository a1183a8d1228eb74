package io.trimtab.store;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.List;

/** What the disk's refusals mean to a caller, in words without paths. */
final class DiskFailure {
  /** ENOSPC and EDQUOT in strerror's words; Java has no code for either. */
  private static final List<String> FULL = List.of("No space left on device", "quota exceeded");

  /** ENOTDIR in the same words. */
  private static final String NO_FOLDER = "Not a directory";

  private DiskFailure() {}

  /** RESOURCE_EXHAUSTED for a full disk, UNAVAILABLE for all else. */
  static TrimtabException of(String what, IOException cause) {
    String reason = reason(cause);
    boolean full = FULL.stream().anyMatch(reason::contains);
    return new TrimtabException(
        full ? ErrorCode.RESOURCE_EXHAUSTED : ErrorCode.UNAVAILABLE,
        "%s: %s".formatted(what, reason),
        cause);
  }

  /** Whether a path leads through what is no folder, so that nothing is there. */
  static boolean isNoFolder(IOException cause) {
    return reason(cause).equals(NO_FOLDER);
  }

  private static String reason(IOException cause) {
    // The message of a FileSystemException begins with the path.
    String reason =
        cause instanceof FileSystemException named ? named.getReason() : cause.getMessage();
    return reason == null ? cause.getClass().getSimpleName() : reason;
  }
}
