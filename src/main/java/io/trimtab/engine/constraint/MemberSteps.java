package io.trimtab.engine.constraint;

/**
 * What a byte makes of an object under way. A phase is a kind and one number more: a state of
 * {@link Whitespace}, a place in the {@link MemberNames} or a state of {@link JsonText}. A frame's
 * index is the member from which on names may come; after a name, the member whose value follows.
 */
final class MemberSteps {
  private static final int KINDS = 16;

  /** After the brace. */
  private static final int OPENED = 1;

  /** In a name that has begun like a listed one. */
  private static final int NAME = 2;

  /** In a name that is not listed. */
  private static final int OTHER_NAME = 3;

  /** After a name. */
  private static final int NAMED = 4;

  /** After a colon. */
  private static final int COLON = 5;

  /** After a value. */
  private static final int AFTER = 6;

  /** After a comma. */
  private static final int COMMA = 7;

  /** White space before the closing brace. */
  private static final int CLOSING = 8;

  private final Steps steps;
  private final Grammar grammar;
  private final Frames frames;

  MemberSteps(Steps steps, Grammar grammar, Frames frames) {
    this.steps = steps;
    this.grammar = grammar;
    this.frames = frames;
  }

  /** See {@link Steps#room}: a name that is not listed may have any length. */
  static int room(Frame frame) {
    return frame.phase == OTHER_NAME + KINDS * JsonText.BASE ? Part.UNBOUNDED : 0;
  }

  void step(Frame frame, Part.Members part, int octet) {
    int more = frame.phase / KINDS;
    switch (frame.phase % KINDS) {
      case OPENED -> {
        if (octet == '}') {
          close(frame, part);
        } else if (!steps.spaced(frame, OPENED, KINDS, octet, frame.depth)) {
          quote(frame, part, octet);
        }
      }
      case NAME -> name(frame, part, more, octet);
      case OTHER_NAME -> otherName(frame, part, more, octet);
      case NAMED -> {
        if (octet == ':') {
          steps.emit(frames.moved(frame, COLON, frame.at));
        }
      }
      case COLON -> {
        if (!steps.spaced(frame, COLON, KINDS, octet, frame.depth)) {
          value(frame, part, octet);
        }
      }
      case AFTER -> {
        if (octet == ',') {
          if (anyName(frame, part)) {
            steps.emit(frames.moved(frame, COMMA, frame.at));
          }
        } else if (octet == '}') {
          close(frame, part);
        } else if (closes(frame, part)) {
          steps.spaced(frame, CLOSING, KINDS, octet, frame.depth - 1);
        }
      }
      case COMMA -> {
        if (!steps.spaced(frame, COMMA, KINDS, octet, frame.depth)) {
          quote(frame, part, octet);
        }
      }
      case CLOSING -> {
        if (octet == '}') {
          close(frame, part);
        } else {
          steps.spaced(frame, CLOSING, KINDS, octet, frame.depth - 1);
        }
      }
      default -> {
        if (octet == '{') {
          steps.emit(frames.of(frame.part, OPENED, 0, 0, 0, frame.below, frame.depth + 1));
        }
      }
    }
  }

  private void quote(Frame frame, Part.Members part, int octet) {
    if (octet == '"' && anyName(frame, part)) {
      int kind = part.names().count() == 0 ? OTHER_NAME : NAME;
      steps.emit(frames.moved(frame, kind, frame.at));
    }
  }

  private void name(Frame frame, Part.Members part, int place, int octet) {
    MemberNames names = part.names();
    boolean others = others(frame, part);
    int child = names.child(place, octet);
    if (octet == '"' && child == MemberNames.NONE && names.mayEnd(place)) {
      int member = names.member(place);
      if (member != MemberNames.NONE
          ? mayCome(frame, part, member)
          : endsOther(names, place, others)) {
        int index = member == MemberNames.NONE ? names.count() : member;
        steps.emit(frames.moved(frame, NAMED, index));
      }
      return;
    }
    if (child != MemberNames.NONE) {
      if (anyOf(frame, part, child) || (others && names.text(child) != JsonText.DEAD)) {
        steps.emit(frames.moved(frame, NAME + KINDS * child, frame.at));
      }
    } else if (others && names.text(place) != JsonText.DEAD) {
      other(frame, JsonText.CANONICAL.next(names.text(place), octet));
    }
  }

  private static boolean endsOther(MemberNames names, int place, boolean others) {
    return others && names.text(place) == JsonText.BASE;
  }

  private void otherName(Frame frame, Part.Members part, int text, int octet) {
    if (octet == '"' && text == JsonText.BASE) {
      steps.emit(frames.moved(frame, NAMED, part.names().count()));
    } else if (part.names().count() == 0) {
      other(frame, JsonText.ANY.next(text, octet));
    } else {
      other(frame, JsonText.CANONICAL.next(text, octet));
    }
  }

  private void other(Frame frame, int text) {
    if (text != JsonText.DEAD) {
      steps.emit(frames.moved(frame, OTHER_NAME + KINDS * text, frame.at));
    }
  }

  /** A value begins; around it the object is as it will be after it. */
  private void value(Frame frame, Part.Members part, int octet) {
    boolean listed = frame.at < part.names().count();
    int next = listed ? frame.at + 1 : frame.at;
    int value = listed ? part.members().get(frame.at) : part.additional();
    steps.begin(value, frames.moved(frame, AFTER, next), octet);
  }

  private void close(Frame frame, Part.Members part) {
    if (closes(frame, part)) {
      steps.complete(frame);
    }
  }

  private static boolean closes(Frame frame, Part.Members part) {
    return part.names().firstRequired(frame.at) == part.names().count();
  }

  /** Whether a member that is not listed may come: all listed ones that must be there are. */
  private boolean others(Frame frame, Part.Members part) {
    return closes(frame, part) && grammar.fits(part.additional(), frame.depth);
  }

  private boolean anyName(Frame frame, Part.Members part) {
    return others(frame, part) || anyOf(frame, part, MemberNames.ROOT);
  }

  /** Whether a listed member may come whose name goes through a place. */
  private boolean anyOf(Frame frame, Part.Members part, int place) {
    MemberNames names = part.names();
    int last = Math.min(names.firstRequired(frame.at), names.count() - 1);
    int member = names.nextBelow(place, frame.at);
    while (member <= last) {
      if (grammar.fits(part.members().get(member), frame.depth)) {
        return true;
      }
      member = names.nextBelow(place, member + 1);
    }
    return false;
  }

  private boolean mayCome(Frame frame, Part.Members part, int member) {
    return member >= frame.at
        && member <= part.names().firstRequired(frame.at)
        && grammar.fits(part.members().get(member), frame.depth);
  }
}
