package io.trimtab.model.text;

import io.trimtab.error.TrimtabException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for stop strings in text that arrives piece by piece.
 *
 * <p>The stop string that is complete first ends the text, of several that end together the
 * longest; so how the text was cut into pieces makes no difference. The stop string itself is not
 * part of the output. A suffix that may become one is held back. Not thread-safe.
 */
public final class StopMatcher {
  /**
   * What a piece of text led to.
   *
   * @param text what may be shown now
   * @param stop the stop string that was met, or null
   */
  public record Result(String text, @Nullable String stop) {
    public boolean stopped() {
      return stop != null;
    }
  }

  private final List<String> stops;
  private final int longest;
  private final StringBuilder held = new StringBuilder();
  private boolean done;

  /**
   * A matcher of these strings; none of them makes one that never stops.
   *
   * @throws TrimtabException INVALID_ARGUMENT if one is empty
   */
  public StopMatcher(List<String> stops) {
    for (int i = 0; i < stops.size(); i++) {
      if (stops.get(i).isEmpty()) {
        throw TrimtabException.invalid(
            "Stop string %d of %d is empty; expected at least one character"
                .formatted(i + 1, stops.size()));
      }
    }
    this.stops = List.copyOf(stops);
    this.longest = stops.stream().mapToInt(String::length).max().orElse(0);
  }

  /** Takes the next piece; not after a stop. */
  public Result push(String text) {
    if (done) {
      throw new IllegalStateException("Text came after the stop");
    }
    if (stops.isEmpty()) {
      return new Result(text, null);
    }
    held.append(text);
    int end = Integer.MAX_VALUE;
    String met = null;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0) {
        int stopEnd = at + stop.length();
        if (met == null || stopEnd < end || (stopEnd == end && stop.length() > met.length())) {
          end = stopEnd;
          met = stop;
        }
      }
    }
    if (met != null) {
      done = true;
      String shown = held.substring(0, end - met.length());
      held.setLength(0);
      return new Result(shown, met);
    }
    int keep = heldBack();
    String shown = held.substring(0, held.length() - keep);
    held.delete(0, held.length() - keep);
    return new Result(shown, null);
  }

  /** What was held back, once no more text comes. */
  public String flush() {
    String rest = held.toString();
    held.setLength(0);
    return rest;
  }

  /** Length of the longest suffix that some stop string begins with. */
  private int heldBack() {
    for (int length = Math.min(longest - 1, held.length()); length > 0; length--) {
      String suffix = held.substring(held.length() - length);
      for (String stop : stops) {
        if (stop.length() > length && stop.startsWith(suffix)) {
          return length;
        }
      }
    }
    return 0;
  }
}
