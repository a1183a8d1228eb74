package io.trimtab.engine.constraint;

import org.jspecify.annotations.Nullable;

/**
 * One value under way, and those it is inside of. Two frames of one {@link Frames} that say the
 * same are the same object. Immutable.
 */
final class Frame {
  /** To be looked up: equal by what it says. */
  record Key(int part, int phase, int at, int least, int most, @Nullable Frame below) {}

  /** Number within its {@link Frames}. */
  final int id;

  /** Index in the grammar; {@link Grammar#END} when the whole value is complete. */
  final int part;

  /** Where in the part: 0 is before its first byte, all else is the part's own. */
  final int phase;

  /** A state, or an index of a member or an element. */
  final int at;

  /** Characters or elements that must still come, and that may. */
  final int least;

  final int most;

  /** Arrays and objects that are open. */
  final int depth;

  /** The value around this one, as it is once this one is complete; null for the outermost. */
  final @Nullable Frame below;

  Frame(int id, Key key, int depth) {
    this.id = id;
    this.part = key.part;
    this.phase = key.phase;
    this.at = key.at;
    this.least = key.least;
    this.most = key.most;
    this.below = key.below;
    this.depth = depth;
  }
}
