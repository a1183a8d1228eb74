package io.trimtab.model.image;

import java.awt.image.BufferedImage;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadUpdateListener;

/**
 * Stops the JDK's reader of GIF when a frame's last row is painted. It goes on through whatever
 * codes follow, and each may stand for thousands of pixels that are nowhere: minutes of work in a
 * megabyte.
 */
final class FullFrame implements IIOReadUpdateListener {
  private final ImageReader reader;
  private int rowsMissing;

  /**
   * @param rows of the frame; each is painted once, in whatever order
   */
  FullFrame(ImageReader reader, int rows) {
    this.reader = reader;
    this.rowsMissing = rows;
  }

  @Override
  public void imageUpdate(
      ImageReader source,
      BufferedImage image,
      int minX,
      int minY,
      int width,
      int height,
      int periodX,
      int periodY,
      int[] bands) {
    rowsMissing--;
    if (rowsMissing == 0) {
      reader.abort();
    }
  }

  @Override
  public void passStarted(
      ImageReader source,
      BufferedImage image,
      int pass,
      int minPass,
      int maxPass,
      int minX,
      int minY,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void passComplete(ImageReader source, BufferedImage image) {}

  @Override
  public void thumbnailPassStarted(
      ImageReader source,
      BufferedImage thumbnail,
      int pass,
      int minPass,
      int maxPass,
      int minX,
      int minY,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void thumbnailUpdate(
      ImageReader source,
      BufferedImage thumbnail,
      int minX,
      int minY,
      int width,
      int height,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void thumbnailPassComplete(ImageReader source, BufferedImage thumbnail) {}
}
