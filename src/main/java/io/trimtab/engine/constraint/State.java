package io.trimtab.engine.constraint;

import org.jspecify.annotations.Nullable;

/**
 * Everything that a text so far may be the beginning of: a set of frames, one unless the schema
 * leaves open which of its alternatives it is. Two states of one {@link Automaton} with the same
 * frames are the same object, as long as it does not start anew. What it knows of its successors
 * and its tokens is filled in by its automaton's thread. Its successors are of its own age: whoever
 * holds a forgotten state holds the states of that age, and of its twin's, and no others.
 */
final class State {
  /** In different order, different states: what is left of too many depends on it. */
  final Frame[] frames;

  /** Whether the text may end here. */
  final boolean complete;

  /** So many plain characters (see {@link JsonText#isPlain}) may come at least. */
  final int room;

  /** How often its automaton had started anew when it was made. */
  final int age;

  /** Successors by byte; null where not yet known, or of another age. */
  final @Nullable State[] next = new State[256];

  /** Tokens that may come, a bit each by id; null where not yet known. */
  long @Nullable [] tokens;

  /** The state that has the same tokens and stands for all of those; null where not yet known. */
  @Nullable State twin;

  State(Frame[] frames, boolean complete, int room, int age) {
    this.frames = frames;
    this.complete = complete;
    this.room = room;
    this.age = age;
  }

  /** Whether no text goes this way. */
  boolean isDead() {
    return frames.length == 0;
  }
}
