package io.trimtab.serving.http;

import java.io.Serial;

/** A body of more bytes than are taken. */
final class BodyTooLarge extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  BodyTooLarge(String message) {
    super(message);
  }
}
