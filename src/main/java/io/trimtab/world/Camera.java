package io.trimtab.world;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Takes a picture of a canvas: sharp or, often, not; a little darker or lighter; with noise. A
 * model that knows these is not thrown by another renderer's edges.
 */
final class Camera {
  private static final double SOFT_SHARE = .3;
  private static final int SOFT_SIDE_MIN = 80;
  private static final int SOFT_SIDE_MAX = 199;

  private Camera() {}

  /** The picture as a PNG file, 96 by 96 pixels. */
  static byte[] take(Canvas canvas, Light light, Dice dice) {
    Pixels pixels;
    if (dice.chance(SOFT_SHARE)) {
      int side = SOFT_SIDE_MIN + dice.below(SOFT_SIDE_MAX - SOFT_SIDE_MIN + 1);
      pixels = Resampling.BICUBIC.resize(canvas.pixels(), side);
      pixels = Resampling.BICUBIC.resize(pixels, Canvas.SIDE);
    } else {
      pixels = Resampling.BOX.resize(canvas.pixels(), Canvas.SIDE);
    }
    double brightness = dice.between(light.brightnessMin, light.brightnessMax);
    double noise = dice.between(light.noiseMin, light.noiseMax);
    int[] samples = pixels.samples().clone();
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (int) Math.clamp(samples[i] * brightness + noise * dice.gaussian(), 0, 255);
    }
    return png(new Pixels(pixels.side(), samples));
  }

  /** A picture of nothing: each sample is any of 0 to 255. */
  static byte[] noise(Dice dice) {
    Pixels pixels = Pixels.of(Canvas.SIDE);
    for (int i = 0; i < pixels.samples().length; i++) {
      pixels.samples()[i] = dice.below(256);
    }
    return png(pixels);
  }

  private static byte[] png(Pixels pixels) {
    int side = pixels.side();
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    image.getRaster().setPixels(0, 0, side, side, pixels.samples());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    // Not ImageIO.write: that goes by way of a temporary file.
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(stream);
      writer.write(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
