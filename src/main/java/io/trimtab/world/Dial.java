package io.trimtab.world;

/** A round face with marks and hands, which clocks and gauges have. */
record Dial(Canvas canvas, double x, double y, double radius) {
  static final Rgb MARKS = new Rgb(60, 60, 60);

  private static final Rgb FACE = new Rgb(250, 250, 245);

  void face(double rimWidth, Ink rim) {
    canvas.ellipse(x, y, radius, radius, FACE);
    canvas.ring(x, y, radius, rimWidth, rim.rgb());
  }

  /**
   * A straight line outwards.
   *
   * @param angle radians clockwise from up
   * @param from of the radius, as {@code to}
   */
  void hand(double angle, double from, double to, double width, Rgb color) {
    double dx = StrictMath.sin(angle) * radius;
    double dy = -StrictMath.cos(angle) * radius;
    canvas.line(x + dx * from, y + dy * from, x + dx * to, y + dy * to, width, color);
  }
}
