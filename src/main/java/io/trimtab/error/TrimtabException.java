package io.trimtab.error;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A refusal with its code. The message carries what was expected and what came, and is safe to show
 * to the caller: no paths of other tenants, no secrets.
 */
public final class TrimtabException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final ErrorCode code;

  public TrimtabException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public TrimtabException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public static TrimtabException invalid(String message) {
    return new TrimtabException(ErrorCode.INVALID_ARGUMENT, message);
  }

  public ErrorCode code() {
    return code;
  }
}
