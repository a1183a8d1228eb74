package io.trimtab.adapter;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A version in the store that this program did not write, or not this version of it. */
final class UnreadableVersion extends Exception {
  @Serial private static final long serialVersionUID = 1;

  UnreadableVersion(String why) {
    this(why, null);
  }

  UnreadableVersion(String why, @Nullable Throwable cause) {
    super(why, cause);
  }
}
