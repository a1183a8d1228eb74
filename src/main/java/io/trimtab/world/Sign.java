package io.trimtab.world;

import java.util.List;
import java.util.Locale;

/**
 * A sign with a word of four letters, with or without a post.
 *
 * @param x middle, in units, as {@code y}
 * @param height half of it, in units
 */
record Sign(Ground ground, Ink ink, String word, double x, double y, double height, Post post)
    implements Scene {
  static final List<String> WORDS =
      List.of(
          "stop", "exit", "open", "shut", "pull", "push", "fire", "cafe", "taxi", "bank", "shop",
          "park", "zone", "dock", "port", "boat", "ship", "sail", "wind", "tide", "reef", "buoy",
          "helm", "keel", "mast", "deck", "rope", "knot", "hull", "fish");

  private static final Rgb LETTERS = new Rgb(245, 245, 245);
  private static final Rgb WOOD = new Rgb(110, 80, 50);

  private enum Post {
    STANDING,
    NONE
  }

  static Sign any(Dice dice) {
    return new Sign(
        dice.pick(Ground.values()),
        dice.pick(Ink.RED, Ink.GREEN, Ink.BLUE, Ink.PURPLE, Ink.BLACK),
        dice.pick(WORDS),
        dice.between(46, 50),
        dice.between(34, 62),
        dice.between(16, 20),
        dice.chance(.6) ? Post.STANDING : Post.NONE);
  }

  @Override
  public Canvas paint() {
    Canvas canvas = new Canvas(ground.rgb());
    canvas.rectangle(x - 44, y - height, x + 44, y + height, ink.rgb());
    Lettering.paint(canvas, word.toUpperCase(Locale.ROOT), x, y, 3, LETTERS);
    if (post == Post.STANDING) {
      canvas.rectangle(x - 2, y + height, x + 2, Canvas.SIDE, WOOD);
    }
    return canvas;
  }

  @Override
  public List<Question> questions(Dice dice) {
    return List.of(
        new Question("read", dice.pick("What does the sign say?", "Read the sign."), word),
        new Question("signcolor", "What color is the sign?", ink.toString()),
        Phrases.kind("a sign"),
        Phrases.caption(dice, "%s sign that says %s.".formatted(Phrases.a(ink.toString()), word)),
        Phrases.background(dice, ground),
        new Question("letter", "What is the first letter?", word.substring(0, 1)));
  }
}
