package io.trimtab.world;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** Letters and digits, 7 dots high and 5 wide, from {@code glyphs.txt}. */
final class Lettering {
  private static final Map<Character, String[]> GLYPHS = read();

  private Lettering() {}

  /**
   * Paints a line of text around a middle.
   *
   * @param text capitals and digits
   * @param dot side of a dot, in units
   */
  static void paint(Canvas canvas, String text, double x, double y, double dot, Rgb color) {
    int width = -1;
    for (char letter : text.toCharArray()) {
      width += glyph(letter)[0].length() + 1;
    }
    double left = x - width * dot / 2;
    for (char letter : text.toCharArray()) {
      String[] glyph = glyph(letter);
      paint(canvas, glyph, left, y - glyph.length * dot / 2, dot, color);
      left += (glyph[0].length() + 1) * dot;
    }
  }

  private static void paint(
      Canvas canvas, String[] glyph, double x, double y, double dot, Rgb color) {
    for (int j = 0; j < glyph.length; j++) {
      for (int i = 0; i < glyph[j].length(); i++) {
        if (glyph[j].charAt(i) == '1') {
          canvas.rectangle(x + i * dot, y + j * dot, x + (i + 1) * dot, y + (j + 1) * dot, color);
        }
      }
    }
  }

  private static String[] glyph(char letter) {
    String[] glyph = GLYPHS.get(letter);
    if (glyph == null) {
      throw new IllegalArgumentException("Expected A to Z or 0 to 9, got " + letter);
    }
    return glyph;
  }

  /** One glyph a line: the character, then its rows, 1 for a dot. */
  private static Map<Character, String[]> read() {
    try (InputStream stream = Lettering.class.getResourceAsStream("glyphs.txt")) {
      if (stream == null) {
        throw new IllegalStateException("The program lacks its resource glyphs.txt");
      }
      Map<Character, String[]> glyphs = new HashMap<>();
      for (String line : new String(stream.readAllBytes(), US_ASCII).lines().toList()) {
        glyphs.put(line.charAt(0), line.substring(2).split(" "));
      }
      return glyphs;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
