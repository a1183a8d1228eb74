package io.trimtab.ort;

import java.io.Serial;

/** ONNX Runtime refused or failed; the message is its own. */
public final class OrtException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** {@code OrtErrorCode}, in its order. */
  public enum Code {
    OK,
    FAIL,
    INVALID_ARGUMENT,
    NO_SUCH_FILE,
    NO_MODEL,
    ENGINE_ERROR,
    RUNTIME_EXCEPTION,
    INVALID_PROTOBUF,
    MODEL_LOADED,
    NOT_IMPLEMENTED,
    INVALID_GRAPH,
    EXECUTION_PROVIDER_FAIL,
    MODEL_LOAD_CANCELED,
    MODEL_REQUIRES_COMPILATION,
    NOT_FOUND,
    /** A code that came after this table. */
    UNKNOWN;

    static Code of(int number) {
      Code[] codes = values();
      return number >= 0 && number < codes.length ? codes[number] : UNKNOWN;
    }
  }

  private final Code code;

  OrtException(Code code, String message) {
    super("ONNX Runtime: %s: %s".formatted(code, message));
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
