package io.trimtab.serving.http;

import java.io.Serial;

/** A body of which nothing more came, though the client has not gone. */
final class BodyStalled extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  BodyStalled(String message) {
    super(message);
  }
}
