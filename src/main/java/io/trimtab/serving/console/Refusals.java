package io.trimtab.serving.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.grpc.StatusMapping;
import io.trimtab.serving.http.HttpFailure;

/** What a service refuses, as HTTP says it. */
final class Refusals {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Refusals() {}

  static TrimtabException of(StatusRuntimeException failure) {
    return StatusMapping.toRefusal(failure.getStatus());
  }

  /** The body of an HTTP failure, for where the status line is out already. */
  static String json(Status status) {
    return json(StatusMapping.toRefusal(status));
  }

  static String json(Throwable failure) {
    try {
      return JSON.writeValueAsString(HttpFailure.of(failure).body());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A record of texts can't be written", e);
    }
  }
}
