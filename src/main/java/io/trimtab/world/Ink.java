package io.trimtab.world;

import java.util.Locale;

/** The colours of things. */
enum Ink {
  RED(220, 40, 40),
  GREEN(40, 160, 60),
  BLUE(50, 80, 220),
  YELLOW(235, 205, 50),
  PURPLE(150, 60, 190),
  ORANGE(240, 140, 40),
  BLACK(30, 30, 30),
  CYAN(60, 190, 200);

  private final Rgb rgb;

  Ink(int red, int green, int blue) {
    this.rgb = new Rgb(red, green, blue);
  }

  Rgb rgb() {
    return rgb;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
