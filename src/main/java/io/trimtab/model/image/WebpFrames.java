package io.trimtab.model.image;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes one frame of a WebP file: lossy ones here, since ImageIO's reader is several levels off
 * libwebp's values (loop filter, chroma); lossless ones with ImageIO's reader, which is exact.
 */
final class WebpFrames {
  /** The reader fetches eight bytes at a time and fails when a short frame has fewer left. */
  private static final int READ_AHEAD = 16;

  private WebpFrames() {}

  static RgbImage decode(byte[] encoded, WebpContainer container) throws IOException {
    return switch (container.codec()) {
      case LOSSY -> Vp8Decoder.decode(Vp8Header.read(encoded, container.from(), container.end()));
      case LOSSLESS -> decodeLossless(encoded, container.from(), container.end());
    };
  }

  /** A file with this one frame and nothing else, so that the reader meets no animation. */
  private static RgbImage decodeLossless(byte[] encoded, int from, int end) throws IOException {
    int size = end - from + READ_AHEAD;
    ByteBuffer file = ByteBuffer.allocate(20 + size).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(12 + size);
    file.put("WEBPVP8L".getBytes(StandardCharsets.US_ASCII)).putInt(size);
    file.put(encoded, from, end - from);
    ImageReader reader = new WebPImageReaderSpi().createReaderInstance(null);
    try (MemoryCacheImageInputStream input =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(file.array()))) {
      reader.setInput(input, true, true);
      return RasterColors.toRgb(reader.read(0));
    } finally {
      reader.dispose();
    }
  }
}
