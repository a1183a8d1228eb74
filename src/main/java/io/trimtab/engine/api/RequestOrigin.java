package io.trimtab.engine.api;

/**
 * Where a request comes from, for those who follow it: the engine only carries it.
 *
 * @param trace the trace that it is a part of
 * @param answerId what its answer is called outside; empty for nothing
 */
public record RequestOrigin(TraceContext trace, String answerId) {
  public static final RequestOrigin UNKNOWN = new RequestOrigin(TraceContext.NONE, "");

  /** The same in another place of the trace. */
  public RequestOrigin within(TraceContext place) {
    return new RequestOrigin(place, answerId);
  }
}
