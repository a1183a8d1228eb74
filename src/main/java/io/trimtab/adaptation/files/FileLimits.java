package io.trimtab.adaptation.files;

import io.trimtab.error.TrimtabException;

/**
 * What a file of training data may be, and how many are kept. All bounds are inclusive.
 *
 * @param bytesMax of one file
 * @param linesMax lines of one file that hold an example
 * @param perTenantMax files that one tenant has at a time
 */
public record FileLimits(long bytesMax, int linesMax, int perTenantMax) {
  public FileLimits {
    require("bytes-max", bytesMax);
    require("lines-max", linesMax);
    require("per-tenant-max", perTenantMax);
  }

  /** 60 MiB, which fits a request of 64, 10,000 lines, 100 files. */
  public static FileLimits defaults() {
    return new FileLimits(60L << 20, 10_000, 100);
  }

  private static void require(String field, long value) {
    if (value < 1) {
      throw TrimtabException.invalid(
          "trimtab.files.%s is %d, expected 1 and above".formatted(field, value));
    }
  }
}
