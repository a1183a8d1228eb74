package io.trimtab.engine.constraint;

import java.util.ArrayList;
import java.util.List;

/**
 * What a byte makes of a frame: any number of frames, none when it may not come. Every frame that
 * comes out can be completed, whatever came before it: forms that have no room, and members and
 * elements without a value, are never begun. One thread.
 */
final class Steps {
  /** A string's phase after its opening quote. */
  private static final int INSIDE = 1;

  /** A word's phase from its first byte on. */
  private static final int SPOKEN = 1;

  private final Grammar grammar;
  private final Frames frames;
  private final ItemSteps items;
  private final MemberSteps members;
  private final List<Frame> out = new ArrayList<>();

  Steps(Grammar grammar, Frames frames) {
    this.grammar = grammar;
    this.frames = frames;
    this.items = new ItemSteps(this, frames);
    this.members = new MemberSteps(this, grammar, frames);
  }

  /** Whether everything is said that must be. */
  static boolean isComplete(Frame frame, Grammar grammar) {
    return frame.part == Grammar.END
        || (frame.below == null
            && grammar.part(frame.part) instanceof Part.Word(Lexeme lexeme)
            && frame.phase == SPOKEN
            && lexeme.accepts(frame.at));
  }

  /** How many plain characters may come, whatever they are. */
  static int room(Frame frame, Grammar grammar) {
    if (frame.part == Grammar.END) {
      return 0;
    }
    return switch (grammar.part(frame.part)) {
      case Part.Text _ -> frame.phase == INSIDE && frame.at == JsonText.BASE ? frame.most : 0;
      case Part.Members _ -> MemberSteps.room(frame);
      case Part.Choice _, Part.Word _, Part.Items _ -> 0;
    };
  }

  /** What became of a frame with this byte; the list is used again by the next call. */
  List<Frame> after(Frame frame, int octet) {
    out.clear();
    step(frame, octet);
    return out;
  }

  void emit(Frame frame) {
    out.add(frame);
  }

  /**
   * Goes on in white space, where this byte is some and may come; else false.
   *
   * @param kind of the phase after it; a phase is one of so many kinds, and that many times a state
   *     of {@link Whitespace}
   */
  boolean spaced(Frame frame, int kind, int kinds, int octet, int depth) {
    int next = Whitespace.next(frame.phase / kinds, octet, depth);
    if (next == Whitespace.NONE) {
      return false;
    }
    out.add(frames.moved(frame, kind + kinds * next, frame.at));
    return true;
  }

  boolean fits(int part, int depth) {
    return grammar.fits(part, depth);
  }

  /** A value of that part begins with this byte, inside of {@code below}. */
  void begin(int part, Frame below, int octet) {
    if (grammar.fits(part, below.depth)) {
      step(frames.start(part, below), octet);
    }
  }

  /** The value of a frame is complete. */
  void complete(Frame frame) {
    out.add(frame.below == null ? end() : frame.below);
  }

  private Frame end() {
    return frames.of(Grammar.END, 0, 0, 0, 0, null, 0);
  }

  private void step(Frame frame, int octet) {
    if (frame.part == Grammar.END) {
      return;
    }
    switch (grammar.part(frame.part)) {
      case Part.Choice _ -> choose(frame, octet);
      case Part.Word(Lexeme lexeme) -> word(frame, lexeme, octet);
      case Part.Text text -> text(frame, text, octet);
      case Part.Items part -> items.step(frame, part, octet);
      case Part.Members part -> members.step(frame, part, octet);
    }
  }

  private void choose(Frame frame, int octet) {
    for (int form : grammar.forms(frame.part)) {
      if (grammar.fits(form, frame.depth)) {
        step(frames.start(form, frame.below), octet);
      }
    }
  }

  /** A word that may go on is complete when what follows it is no part of it. */
  private void word(Frame frame, Lexeme lexeme, int octet) {
    int next = lexeme.next(frame.at, octet);
    if (next != Lexeme.DEAD) {
      Frame moved = frames.moved(frame, SPOKEN, next);
      if (lexeme.isOver(next)) {
        complete(moved);
      } else {
        out.add(moved);
      }
    } else if (frame.phase == SPOKEN && lexeme.accepts(frame.at) && frame.below != null) {
      step(frame.below, octet);
    }
  }

  private void text(Frame frame, Part.Text text, int octet) {
    if (frame.phase != INSIDE) {
      if (octet == '"') {
        out.add(inside(frame, JsonText.BASE, text.least(), text.most()));
      }
      return;
    }
    boolean between = frame.at == JsonText.BASE;
    if (between && octet == '"') {
      if (frame.least == 0) {
        complete(frame);
      }
      return;
    }
    int next = JsonText.ANY.next(frame.at, octet);
    if (next == JsonText.DEAD || (between && frame.most == 0)) {
      return;
    }
    out.add(
        between
            ? inside(frame, next, Math.max(0, frame.least - 1), down(frame.most))
            : inside(frame, next, frame.least, frame.most));
  }

  private Frame inside(Frame frame, int text, int least, int most) {
    return frames.of(frame.part, INSIDE, text, least, most, frame.below, frame.depth);
  }

  /** One fewer that may come. */
  static int down(int most) {
    return most == Part.UNBOUNDED ? most : most - 1;
  }
}
