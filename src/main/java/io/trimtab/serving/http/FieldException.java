package io.trimtab.serving.http;

import io.trimtab.error.TrimtabException;
import java.io.Serial;

/** A refusal with the field of the request that it is about. */
public final class FieldException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final String param;
  private final TrimtabException refusal;

  public FieldException(String param, TrimtabException refusal) {
    super(refusal.getMessage(), refusal);
    this.param = param;
    this.refusal = refusal;
  }

  /** A value that can't be served; the message says what was expected and what came. */
  public static FieldException invalid(String param, String message) {
    return new FieldException(param, TrimtabException.invalid(message));
  }

  /** The field's name, with a path where it lies deeper: {@code messages[0].content}. */
  public String param() {
    return param;
  }

  TrimtabException refusal() {
    return refusal;
  }
}
