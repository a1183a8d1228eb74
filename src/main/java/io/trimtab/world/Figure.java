package io.trimtab.world;

import java.util.Locale;

/** The shapes. */
enum Figure {
  CIRCLE,
  SQUARE,
  TRIANGLE,
  STAR,
  CROSS,
  DIAMOND,
  RING;

  private static final int STAR_CORNERS = 10;

  /** Paints it around a middle; {@code r} is about half its height. */
  void paint(Canvas canvas, double x, double y, double r, Rgb color) {
    switch (this) {
      case CIRCLE -> canvas.ellipse(x, y, r, r, color);
      case SQUARE -> canvas.rectangle(x - r * .88, y - r * .88, x + r * .88, y + r * .88, color);
      case TRIANGLE -> canvas.polygon(color, x, y - r, x + r, y + r * .8, x - r, y + r * .8);
      case STAR -> canvas.polygon(color, star(x, y, r));
      case CROSS -> {
        double w = r * .34;
        canvas.rectangle(x - r, y - w, x + r, y + w, color);
        canvas.rectangle(x - w, y - r, x + w, y + r, color);
      }
      case DIAMOND ->
          canvas.polygon(color, x, y - r * 1.1, x + r * .8, y, x, y + r * 1.1, x - r * .8, y);
      case RING -> canvas.ring(x, y, r, Math.max(2.2, r * .32), color);
    }
  }

  private static double[] star(double x, double y, double r) {
    double[] corners = new double[2 * STAR_CORNERS];
    for (int i = 0; i < STAR_CORNERS; i++) {
      double angle = -Math.PI / 2 + i * 2 * Math.PI / STAR_CORNERS;
      double reach = i % 2 == 0 ? r * 1.1 : r * .45;
      corners[2 * i] = x + reach * StrictMath.cos(angle);
      corners[2 * i + 1] = y + reach * StrictMath.sin(angle);
    }
    return corners;
  }

  String plural() {
    return this == CROSS ? "crosses" : this + "s";
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
