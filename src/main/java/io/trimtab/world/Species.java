package io.trimtab.world;

import java.util.Locale;

/** The birds, told apart by their colours, crest and tail. */
enum Species {
  WREN(Ink.ORANGE, Ink.BLACK, Crest.NONE, Tail.SHORT),
  FINCH(Ink.YELLOW, Ink.GREEN, Crest.NONE, Tail.SHORT),
  ROBIN(Ink.RED, Ink.BLACK, Crest.NONE, Tail.SHORT),
  JAY(Ink.BLUE, Ink.CYAN, Crest.RAISED, Tail.SHORT),
  TERN(Ink.CYAN, Ink.BLACK, Crest.NONE, Tail.LONG),
  KITE(Ink.ORANGE, Ink.RED, Crest.NONE, Tail.LONG),
  ROOK(Ink.BLACK, Ink.PURPLE, Crest.NONE, Tail.SHORT),
  LARK(Ink.YELLOW, Ink.ORANGE, Crest.RAISED, Tail.SHORT),
  SWIFT(Ink.BLACK, Ink.BLUE, Crest.NONE, Tail.LONG),
  CRANE(Ink.CYAN, Ink.BLUE, Crest.RAISED, Tail.LONG),
  PARROT(Ink.GREEN, Ink.RED, Crest.NONE, Tail.LONG),
  LORY(Ink.RED, Ink.GREEN, Crest.RAISED, Tail.SHORT),
  MYNA(Ink.BLACK, Ink.YELLOW, Crest.RAISED, Tail.SHORT),
  DOVE(Ink.PURPLE, Ink.CYAN, Crest.NONE, Tail.SHORT);

  enum Crest {
    RAISED,
    NONE
  }

  enum Tail {
    LONG,
    SHORT
  }

  private final Ink body;
  private final Ink wing;
  private final Crest crest;
  private final Tail tail;

  Species(Ink body, Ink wing, Crest crest, Tail tail) {
    this.body = body;
    this.wing = wing;
    this.crest = crest;
    this.tail = tail;
  }

  Ink body() {
    return body;
  }

  Ink wing() {
    return wing;
  }

  Crest crest() {
    return crest;
  }

  Tail tail() {
    return tail;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
