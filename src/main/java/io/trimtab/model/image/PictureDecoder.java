package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Encoded bytes in, RGB pixels out, with the values of Pillow's {@code convert("RGB")}: PNG, JPEG,
 * WebP, the first frame of GIF, BMP; grey, palette, alpha (dropped), 16 bits (high byte), CMYK.
 *
 * <p>The format is told by the first bytes. Size limits are checked on the header, before a pixel
 * is decoded. Colour profiles and gamma are not applied, and neither is EXIF orientation:
 * transformers' processors take pixels as they are stored (only its {@code load_image} turns
 * pictures, when it loads them from a path or an address).
 *
 * <p>Safe to share between threads; nothing is kept between calls, no picture goes to disk.
 */
public final class PictureDecoder {
  /** Scans that a JPEG may have; encoders write some ten. */
  private static final int SCANS_MAX = 100;

  /**
   * Scans of a JPEG with as many pixels as are allowed, and in proportion: the JDK's reader decodes
   * all pixels anew for each scan, and an empty one takes a file no more than some 60 bytes.
   */
  private static final int SCANS_AT_PIXELS_MAX = 20;

  private final PictureLimits limits;

  public PictureDecoder(PictureLimits limits) {
    this.limits = limits;
  }

  /**
   * Decodes one picture.
   *
   * @throws TrimtabException INVALID_ARGUMENT when the bytes are no picture of an accepted format,
   *     are damaged or cut short, or exceed a limit; UNAVAILABLE for a WebP when this machine has
   *     no libwebp
   */
  public RgbImage decode(byte[] encoded) {
    if (encoded.length > limits.bytesMax()) {
      throw TrimtabException.invalid(
          "A picture may take %d bytes, this one takes %d"
              .formatted(limits.bytesMax(), encoded.length));
    }
    PictureFormat format =
        PictureFormat.of(encoded)
            .orElseThrow(
                () ->
                    TrimtabException.invalid(
                        "Expected a picture as %s, got %d bytes that are none of these"
                            .formatted(PictureFormat.ACCEPTED, encoded.length)));
    try {
      return format == PictureFormat.WEBP ? readWebp(encoded) : readWith(format, encoded);
    } catch (IOException e) {
      throw damaged(format, e.toString());
    } catch (IndexOutOfBoundsException | IllegalArgumentException | NegativeArraySizeException e) {
      // Readers answer some damaged files with index and argument errors of their own.
      throw damaged(format, e.toString());
    }
  }

  private RgbImage readWith(PictureFormat format, byte[] encoded) throws IOException {
    if (format == PictureFormat.BMP) {
      BmpHeader.check(encoded);
    }
    ImageReader reader = format == PictureFormat.WEBP ? Libwebp.reader() : reader(format);
    try (ImageInputStream input =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
      reader.setInput(input, true, true);
      return read(format, reader, encoded);
    } finally {
      reader.dispose();
    }
  }

  private RgbImage read(PictureFormat format, ImageReader reader, byte[] encoded)
      throws IOException {
    checkSize(reader.getWidth(0), reader.getHeight(0));
    return switch (format) {
      case JPEG -> readJpeg(reader, encoded);
      case GIF -> readGif(reader, GifHeader.read(encoded));
      case PNG, BMP -> RasterColors.toRgb(reader.read(0));
      case WEBP -> RasterColors.toRgb(Libwebp.read(reader));
    };
  }

  private RgbImage readJpeg(ImageReader reader, byte[] encoded) throws IOException {
    JpegHeader header = JpegHeader.read(encoded);
    checkScans(header.scans(), (long) reader.getWidth(0) * reader.getHeight(0));
    List<String> warnings = new ArrayList<>();
    reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
    Raster raster = reader.readRaster(0, null);
    for (String warning : warnings) {
      // libjpeg paints the missing part grey and only warns; Pillow refuses.
      if (warning.contains("EOI") || warning.contains("premature end")) {
        throw damaged(PictureFormat.JPEG, warning);
      }
    }
    return JpegColors.toRgb(raster, header);
  }

  private RgbImage readGif(ImageReader reader, GifHeader header) throws IOException {
    checkSize(header.canvasWidth(), header.canvasHeight());
    reader.addIIOReadUpdateListener(new FullFrame(reader, reader.getHeight(0)));
    BufferedImage frame = reader.read(0);
    RgbImage pixels = RasterColors.toRgb(frame);
    if (pixels.width() == header.canvasWidth() && pixels.height() == header.canvasHeight()) {
      return pixels;
    }
    byte[] fill = new byte[3];
    if (frame.getColorModel() instanceof IndexColorModel palette) {
      RasterColors.put(fill, 0, palette, header.fill());
    }
    RgbImage canvas = filled(header.canvasWidth(), header.canvasHeight(), fill);
    place(pixels, canvas, header.left(), header.top());
    return canvas;
  }

  private RgbImage readWebp(byte[] encoded) throws IOException {
    Optional<WebpAnimation> animation = WebpAnimation.of(encoded);
    try {
      return animation.isEmpty()
          ? readWith(PictureFormat.WEBP, encoded)
          : readFirstFrame(animation.get(), encoded);
    } catch (LinkageError e) {
      throw Libwebp.missing(e);
    }
  }

  private RgbImage readFirstFrame(WebpAnimation animation, byte[] encoded) throws IOException {
    checkSize(animation.canvasWidth(), animation.canvasHeight());
    RgbImage frame = readWith(PictureFormat.WEBP, animation.frame(encoded));
    RgbImage canvas = filled(animation.canvasWidth(), animation.canvasHeight(), new byte[3]);
    if (animation.left() + frame.width() > canvas.width()
        || animation.top() + frame.height() > canvas.height()) {
      throw TrimtabException.invalid(
          "Expected a WEBP frame within its canvas of %d×%d, got %d×%d at (%d, %d)"
              .formatted(
                  canvas.width(),
                  canvas.height(),
                  frame.width(),
                  frame.height(),
                  animation.left(),
                  animation.top()));
    }
    place(frame, canvas, animation.left(), animation.top());
    return canvas;
  }

  private static RgbImage filled(int width, int height, byte[] color) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = color[i % 3];
    }
    return new RgbImage(width, height, rgb);
  }

  private static void place(RgbImage frame, RgbImage canvas, int left, int top) {
    int count = 3 * frame.width();
    for (int y = 0; y < frame.height(); y++) {
      int to = 3 * ((top + y) * canvas.width() + left);
      System.arraycopy(frame.rgb(), y * count, canvas.rgb(), to, count);
    }
  }

  private void checkSize(int width, int height) {
    if (width < 1 || height < 1) {
      throw TrimtabException.invalid(
          "Expected a picture of at least 1×1 pixels, got %d×%d".formatted(width, height));
    }
    if (width > limits.sideMax() || height > limits.sideMax()) {
      throw TrimtabException.invalid(
          "A picture may have %d pixels a side, this one has %d×%d"
              .formatted(limits.sideMax(), width, height));
    }
    if ((long) width * height > limits.pixelsMax()) {
      throw TrimtabException.invalid(
          "A picture may have %d pixels, this one has %d×%d = %d"
              .formatted(limits.pixelsMax(), width, height, (long) width * height));
    }
  }

  private void checkScans(int scans, long pixels) {
    long scansMax = Math.min(SCANS_MAX, SCANS_AT_PIXELS_MAX * limits.pixelsMax() / pixels);
    if (scans > scansMax) {
      throw TrimtabException.invalid(
          "A JPEG of %d pixels may have %d scans, this one has %d"
              .formatted(pixels, scansMax, scans));
    }
  }

  /** The JDK's own reader, whatever else is on the class path. */
  private static ImageReader reader(PictureFormat format) {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.imageIoName());
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (reader.getClass().getName().startsWith("com.sun.imageio.")) {
        return reader;
      }
    }
    throw new IllegalStateException("This JDK has no reader for " + format);
  }

  private static TrimtabException damaged(PictureFormat format, String reason) {
    return TrimtabException.invalid(
        "Expected a whole %s picture, it is damaged or cut short: %s".formatted(format, reason));
  }
}
