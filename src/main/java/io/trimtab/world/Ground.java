package io.trimtab.world;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The colours of backgrounds. */
enum Ground {
  WHITE(new Rgb(245, 245, 245), EnumSet.of(Ink.YELLOW)),
  GRAY(new Rgb(165, 165, 165), EnumSet.of(Ink.CYAN)),
  BEIGE(new Rgb(235, 220, 190), EnumSet.of(Ink.YELLOW)),
  NAVY(new Rgb(25, 35, 75), EnumSet.of(Ink.BLACK, Ink.BLUE));

  private final Rgb rgb;
  private final List<Ink> inks;

  Ground(Rgb rgb, Set<Ink> unreadable) {
    this.rgb = rgb;
    this.inks = Arrays.stream(Ink.values()).filter(ink -> !unreadable.contains(ink)).toList();
  }

  Rgb rgb() {
    return rgb;
  }

  /** The colours that can be told from it. */
  List<Ink> inks() {
    return inks;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
