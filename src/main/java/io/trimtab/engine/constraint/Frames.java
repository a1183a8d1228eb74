package io.trimtab.engine.constraint;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All frames of one automaton, each once. One thread. */
final class Frames {
  private final Map<Frame.Key, Frame> known = new HashMap<>();
  private int count;

  /**
   * The frame that says so.
   *
   * @param depth arrays and objects that are open in it
   */
  Frame of(int part, int phase, int at, int least, int most, @Nullable Frame below, int depth) {
    Frame.Key key = new Frame.Key(part, phase, at, least, most, below);
    Frame frame = known.get(key);
    if (frame == null) {
      frame = new Frame(count++, key, depth);
      known.put(key, frame);
    }
    return frame;
  }

  /** A part before its first byte. */
  Frame start(int part, @Nullable Frame below) {
    return of(part, 0, 0, 0, 0, below, below == null ? 0 : below.depth);
  }

  /** The frame moved on within its part. */
  Frame moved(Frame frame, int phase, int at) {
    return of(frame.part, phase, at, frame.least, frame.most, frame.below, frame.depth);
  }

  /** Forgets all; those that someone holds stay good. */
  void clear() {
    known.clear();
  }
}
