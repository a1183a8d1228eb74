package io.trimtab.load;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * How a call ended.
 *
 * @param code HTTP's status or gRPC's; or the class of an exception
 * @param text of the answer, or what the refusal says
 */
record Reply(String code, String text) {
  static final String OK = "OK";

  static Reply ok(String text) {
    return new Reply(OK, text);
  }

  static Reply of(Exception failure) {
    return failure instanceof StatusRuntimeException refusal
        ? of(refusal.getStatus())
        : new Reply(failure.getClass().getSimpleName(), String.valueOf(failure.getMessage()));
  }

  static Reply of(Status status) {
    return new Reply(status.getCode().name(), String.valueOf(status.getDescription()));
  }
}
