package io.trimtab.cli.doctor;

import java.util.Locale;

/** Bytes as people say them. */
final class Sizes {
  private Sizes() {}

  static String text(long bytes) {
    double mebibytes = bytes / (double) (1 << 20);
    return mebibytes < 1024
        ? String.format(Locale.ROOT, "%.0f MiB", mebibytes)
        : String.format(Locale.ROOT, "%.1f GiB", mebibytes / 1024);
  }
}
