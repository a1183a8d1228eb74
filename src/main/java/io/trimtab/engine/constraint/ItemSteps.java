package io.trimtab.engine.constraint;

/** What a byte makes of an array under way. A phase is a kind and a state of {@link Whitespace}. */
final class ItemSteps {
  private static final int KINDS = 8;

  /** After the bracket. */
  private static final int OPENED = 1;

  /** After an element. */
  private static final int AFTER = 2;

  /** After a comma. */
  private static final int COMMA = 3;

  /** White space before the closing bracket. */
  private static final int CLOSING = 4;

  private final Steps steps;
  private final Frames frames;

  ItemSteps(Steps steps, Frames frames) {
    this.steps = steps;
    this.frames = frames;
  }

  void step(Frame frame, Part.Items part, int octet) {
    switch (frame.phase % KINDS) {
      case OPENED -> {
        if (octet == ']') {
          close(frame);
        } else if (!steps.spaced(frame, OPENED, KINDS, octet, frame.depth)) {
          element(frame, part, octet);
        }
      }
      case AFTER -> {
        if (octet == ',') {
          if (frame.most > 0 && steps.fits(part.element(frame.at), frame.depth)) {
            steps.emit(frames.moved(frame, COMMA, frame.at));
          }
        } else if (octet == ']') {
          close(frame);
        } else if (frame.least == 0) {
          steps.spaced(frame, CLOSING, KINDS, octet, frame.depth - 1);
        }
      }
      case COMMA -> {
        if (!steps.spaced(frame, COMMA, KINDS, octet, frame.depth)) {
          element(frame, part, octet);
        }
      }
      case CLOSING -> {
        if (octet == ']') {
          close(frame);
        } else {
          steps.spaced(frame, CLOSING, KINDS, octet, frame.depth - 1);
        }
      }
      default -> open(frame, part, octet);
    }
  }

  private void open(Frame frame, Part.Items part, int octet) {
    if (octet == '[') {
      steps.emit(at(frame, OPENED, 0, part.least(), part.most(), frame.depth + 1));
    }
  }

  private void close(Frame frame) {
    if (frame.least == 0) {
      steps.complete(frame);
    }
  }

  /** An element begins; around it the array is as it will be after it. */
  private void element(Frame frame, Part.Items part, int octet) {
    if (frame.most > 0) {
      int next = Math.min(frame.at + 1, part.prefix().size());
      int least = Math.max(0, frame.least - 1);
      Frame after = at(frame, AFTER, next, least, Steps.down(frame.most), frame.depth);
      steps.begin(part.element(frame.at), after, octet);
    }
  }

  private Frame at(Frame frame, int phase, int at, int least, int most, int depth) {
    return frames.of(frame.part, phase, at, least, most, frame.below, depth);
  }
}
