package io.trimtab.engine.api;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a request stands in a trace that reaches beyond this server, as W3C's Trace Context puts it
 * into headers. The engine carries it and names the trace in its log; nothing is decided by it.
 *
 * @param parent the header {@code traceparent}: version, trace, the caller's span, flags; empty for
 *     no trace
 * @param state the header {@code tracestate}, empty for none
 */
public record TraceContext(String parent, String state) {
  public static final TraceContext NONE = new TraceContext("", "");

  /** The name of the first of the two, for callers' headers. */
  public static final String PARENT_HEADER = "traceparent";

  /** The name of the second. */
  public static final String STATE_HEADER = "tracestate";

  private static final int STATE_CHARACTERS_MAX = 512;
  private static final int TRACE_ID_START = 3;
  private static final int TRACE_ID_END = 35;

  /** Version ff is none, and neither is a trace or a span of zeros. */
  private static final Pattern PARENT =
      Pattern.compile(
          "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.{0,256})?");

  public TraceContext {
    if (!parent.isEmpty() && !PARENT.matcher(parent).matches()) {
      throw new IllegalArgumentException(
          "The traceparent is %s, expected version-trace-span-flags in hexadecimal digits"
              .formatted(parent));
    }
  }

  /** What a caller's headers say; a header that is none counts as not sent, as W3C has it. */
  public static TraceContext read(@Nullable String parent, @Nullable String state) {
    if (parent == null || !PARENT.matcher(parent).matches()) {
      return NONE;
    }
    return new TraceContext(
        parent, state == null || state.length() > STATE_CHARACTERS_MAX ? "" : state);
  }

  /** The trace's 32 hexadecimal digits. */
  public Optional<String> traceId() {
    return parent.isEmpty()
        ? Optional.empty()
        : Optional.of(parent.substring(TRACE_ID_START, TRACE_ID_END));
  }
}
