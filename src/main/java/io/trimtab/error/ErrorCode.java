package io.trimtab.error;

/** Why something was refused. The names are those of gRPC's status codes. */
public enum ErrorCode {
  /** What came can never be served; the message says what was expected. */
  INVALID_ARGUMENT,
  /** The caller's credential is missing or none of this server's. */
  UNAUTHENTICATED,
  /** No such thing, or none that the caller may know of. */
  NOT_FOUND,
  /** A bound is reached; the same request may succeed later. */
  RESOURCE_EXHAUSTED,
  /** The thing is not in the state that the request supposes. */
  FAILED_PRECONDITION,
  /** The server is starting, stopping, or lacks a part. */
  UNAVAILABLE,
  /** The caller went away. */
  CANCELLED,
  /** The caller's time ran out. */
  DEADLINE_EXCEEDED,
  /** A broken invariant on our side. */
  INTERNAL
}
