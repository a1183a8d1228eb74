package io.trimtab.load;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * What is asked.
 *
 * @param picture a PNG
 */
record Question(String text, Optional<byte[]> picture) {
  private static final int SIDE = 96;

  static final List<Question> ALL =
      List.of(
          new Question("What color is the circle?", Optional.of(circle(new Color(0x3366cc)))),
          new Question("What is in the picture?", Optional.of(circle(new Color(0xcc3322)))),
          new Question("What do birds eat in winter?", Optional.empty()),
          new Question("How many wings does a bird have?", Optional.empty()));

  /** The picture as the URL that OpenAI's clients send. */
  Optional<String> dataUrl() {
    return picture.map(png -> "data:image/png;base64," + Base64.getEncoder().encodeToString(png));
  }

  private static byte[] circle(Color color) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, SIDE, SIDE);
    graphics.setColor(color);
    graphics.fillOval(SIDE / 6, SIDE / 6, SIDE * 2 / 3, SIDE * 2 / 3);
    graphics.dispose();
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return png.toByteArray();
  }
}
