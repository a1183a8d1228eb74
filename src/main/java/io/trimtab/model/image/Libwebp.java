package io.trimtab.model.image;

import com.luciad.imageio.webp.WebPImageReaderSpi;
import com.luciad.imageio.webp.WebPReadParam;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import javax.imageio.ImageReader;

/**
 * libwebp behind ImageIO's interface: a native library, unpacked from its jar to the folder for
 * temporary files (or to {@code com.luciad.imageio.webp.tmpdir}) when the first WebP comes.
 */
final class Libwebp {
  private Libwebp() {}

  /** A reader for one picture; its own methods throw LinkageError where there is no libwebp. */
  static ImageReader reader() throws IOException {
    return new WebPImageReaderSpi().createReaderInstance(null);
  }

  /**
   * The whole picture. A reader's size is to be asked, and checked, before.
   *
   * @throws IOException when the data are damaged or cut short
   */
  static BufferedImage read(ImageReader reader) throws IOException {
    try {
      return reader.read(0, Options.DEFAULTS);
    } catch (OutOfMemoryError e) {
      // A status of libwebp's that damaged alpha has too; the JVM's own errors carry a message.
      if (e.getMessage() == null) {
        throw new IOException("Decode returned code OutOfMemory", e);
      }
      throw e;
    }
  }

  static TrimtabException missing(LinkageError cause) {
    return new TrimtabException(
        ErrorCode.UNAVAILABLE,
        "Expected libwebp to read a WEBP picture, this server could load none for %s on %s; send the picture as PNG, JPEG, GIF or BMP"
            .formatted(System.getProperty("os.name"), System.getProperty("os.arch")),
        cause);
  }

  private static final class Options {
    /** One for all: it is never written to, and the library never frees the memory of any. */
    static final WebPReadParam DEFAULTS = new WebPReadParam();
  }
}
