package io.trimtab.model.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureDecoderTest {
  private static final int WIDTH = 37;
  private static final int HEIGHT = 21;

  private static final String HALF_HIGH_JPEG =
      "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACodICUgGiolIiUvLSoyP2lEPzo6P4FcYUxpmYagnpaGk5GovfLN"
          + "qLPltZGT0v/V5fr/////o8v///////L/////2wBDAS0vLz83P3xERHz/rpOu////////////////////////"
          + "////////////////////////////////////////////wgARCAAPACgDARIAAhEBAxEB/8QAFwABAQEBAAAA"
          + "AAAAAAAAAAAAAQACA//EABYBAQEBAAAAAAAAAAAAAAAAAAEAAv/aAAwDAQACEAMQAAAB6DnUU5BIQ//EABYQ"
          + "AQEBAAAAAAAAAAAAAAAAABEAEP/aAAgBAQABBQLGZiI3/8QAGhEBAAIDAQAAAAAAAAAAAAAAABIiAQIRYf/a"
          + "AAgBAwEBPwGWVlnNkfX/xAAYEQEAAwEAAAAAAAAAAAAAAAAAARITEf/aAAgBAgEBPwHsLQvDRo//xAAUEAEA"
          + "AAAAAAAAAAAAAAAAAAAw/9oACAEBAAY/Ai//xAAYEAADAQEAAAAAAAAAAAAAAAAAAREQIf/aAAgBAQABPyHh"
          + "VpQtXCo//9oADAMBAAIAAwAAABBQ7v8A/8QAGBEAAwEBAAAAAAAAAAAAAAAAAAERQVH/2gAIAQMBAT8Q4opj"
          + "6dmVo//EABcRAQEBAQAAAAAAAAAAAAAAAAEAUXH/2gAIAQIBAT8QRk5tGXF//8QAFxABAQEBAAAAAAAAAAAA"
          + "AAAAAQARYf/aAAgBAQABPxAzZXNuUlYgLBIX/9k=";

  private final PictureDecoder decoder = new PictureDecoder(PictureLimits.defaults());

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp"})
  void rgbIsExact(String format) throws IOException {
    BufferedImage image = noise(BufferedImage.TYPE_INT_RGB);
    assertThat(decoder.decode(encode(image, format)).rgb()).isEqualTo(samples(image, 0, 1, 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp"})
  void greyLevelsAreNotPassedThroughAGamma(String format) throws IOException {
    BufferedImage image = noise(BufferedImage.TYPE_BYTE_GRAY);
    assertThat(decoder.decode(encode(image, format)).rgb()).isEqualTo(samples(image, 0, 0, 0));
  }

  @Test
  void alphaIsDroppedAndNotComposited() throws IOException {
    BufferedImage image = noise(BufferedImage.TYPE_INT_ARGB);
    assertThat(decoder.decode(encode(image, "png")).rgb()).isEqualTo(samples(image, 0, 1, 2));
  }

  @Test
  void sixteenBitGreyKeepsItsHighByte() throws IOException {
    BufferedImage image = noise(BufferedImage.TYPE_USHORT_GRAY);
    assertThat(decoder.decode(encode(image, "png")).rgb()).isEqualTo(samples(image, 0, 0, 0, 8));
  }

  @Test
  void oneBitIsBlackAndWhite() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
    image.getRaster().setSample(1, 0, 0, 1);
    assertThat(decoder.decode(encode(image, "png")).rgb()).containsExactly(0, 0, 0, -1, -1, -1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "gif", "bmp"})
  void palettesAreLookedUpTransparentEntriesToo(String format) throws IOException {
    byte[][] colors = new byte[3][256];
    Random random = new Random(3);
    for (byte[] color : colors) {
      random.nextBytes(color);
    }
    IndexColorModel palette =
        format.equals("bmp")
            ? new IndexColorModel(8, 256, colors[0], colors[1], colors[2])
            : new IndexColorModel(8, 256, colors[0], colors[1], colors[2], 2);
    BufferedImage image =
        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_INDEXED, palette);
    fill(image.getRaster(), 256);
    byte[] expected = new byte[3 * WIDTH * HEIGHT];
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
      int index = image.getRaster().getSample(i % WIDTH, i / WIDTH, 0);
      for (int c = 0; c < 3; c++) {
        expected[3 * i + c] = colors[c][index];
      }
    }
    assertThat(decoder.decode(encode(image, format)).rgb()).isEqualTo(expected);
  }

  @Test
  void theFirstFrameOfAGifLiesOnItsCanvas() throws IOException {
    // A canvas of 3×2 with a frame of 1×1 at (1, 1); entry 0 is red, entry 1 blue.
    byte[] gif =
        bytes(
            'G', 'I', 'F', '8', '9', 'a', 3, 0, 2, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 255, ',', 1, 0,
            1, 0, 1, 0, 1, 0, 0, 2, 2, 0x4c, 0x01, 0, ';');
    RgbImage image = decoder.decode(gif);
    assertThat(image.width()).isEqualTo(3);
    assertThat(image.height()).isEqualTo(2);
    byte[] expected = new byte[18];
    for (int i = 0; i < 6; i++) {
      expected[3 * i + (i == 4 ? 2 : 0)] = (byte) 255;
    }
    assertThat(image.rgb()).isEqualTo(expected);
  }

  @Test
  void losslessWebpIsExact() {
    RgbImage image = decoder.decode(webp(5, 3, 0x11, 0xa2, 0xf3, 0x80));
    assertThat(image.width()).isEqualTo(5);
    assertThat(image.height()).isEqualTo(3);
    for (int i = 0; i < 15; i++) {
      assertThat(Arrays.copyOfRange(image.rgb(), 3 * i, 3 * i + 3))
          .containsExactly(0x11, 0xa2, 0xf3);
    }
  }

  @Test
  void lossyWebpHasLibwebpsValues() {
    // 27×19 pixels at quality 20 as libwebp 1.2.4 encodes them, and the digest of what it decodes.
    byte[] webp = lossyWebp();
    RgbImage image = decoder.decode(webp);
    assertThat(image.width()).isEqualTo(27);
    assertThat(image.height()).isEqualTo(19);
    CRC32 digest = new CRC32();
    digest.update(image.rgb());
    assertThat(Arrays.copyOf(image.rgb(), 3)).containsExactly(132, 221, 0);
    assertThat(digest.getValue()).isEqualTo(1_548_893_041L);
  }

  @Test
  void alphaOfALossyWebpIsDroppedAndNotMultipliedIn() {
    byte[] alpha = new byte[1 + 27 * 19];
    Arrays.fill(alpha, 1, alpha.length, (byte) 0x40);
    byte[] still = lossyWebp();
    byte[] file =
        riff(
            chunk("VP8X", bytes(0x10, 0, 0, 0, 26, 0, 0, 18, 0, 0)),
            chunk("ALPH", alpha),
            Arrays.copyOfRange(still, 12, still.length));
    assertThat(decoder.decode(file).rgb()).isEqualTo(decoder.decode(still).rgb());
  }

  @Test
  void theFirstFrameOfAnAnimatedWebpLiesOnItsCanvas() {
    byte[] still = webp(2, 2, 0x11, 0xa2, 0xf3, 0xff);
    RgbImage image =
        decoder.decode(animated(5, 4, 2, 2, Arrays.copyOfRange(still, 12, still.length)));
    assertThat(image.width()).isEqualTo(5);
    assertThat(image.height()).isEqualTo(4);
    assertThat(Arrays.copyOfRange(image.rgb(), 0, 3)).containsExactly(0, 0, 0);
    assertThat(Arrays.copyOfRange(image.rgb(), 3 * 12, 3 * 13)).containsExactly(0x11, 0xa2, 0xf3);
    assertThat(Arrays.copyOfRange(image.rgb(), 3 * 18, 3 * 19)).containsExactly(0x11, 0xa2, 0xf3);
    assertThat(Arrays.copyOfRange(image.rgb(), 3 * 19, 3 * 20)).containsExactly(0, 0, 0);
  }

  @Test
  void aLossyFrameWithAlphaOfAnAnimatedWebpIsReadLikeAStill() {
    byte[] still = lossyWebp();
    byte[] alpha = chunk("ALPH", new byte[1 + 27 * 19]);
    byte[] file = animated(27, 19, 0, 0, alpha, Arrays.copyOfRange(still, 12, still.length));
    assertThat(decoder.decode(file).rgb()).isEqualTo(decoder.decode(still).rgb());
  }

  @Test
  void damagedAlphaOfAWebpIsNoLackOfMemory() {
    byte[] still = lossyWebp();
    byte[] file =
        riff(
            chunk("VP8X", bytes(0x10, 0, 0, 0, 26, 0, 0, 18, 0, 0)),
            chunk("ALPH", bytes(3, 0)), // no such compression
            Arrays.copyOfRange(still, 12, still.length));
    assertRefused(file, "Expected a whole WEBP picture, it is damaged or cut short");
  }

  @Test
  void aWebpFrameBeyondItsCanvasIsRefused() {
    byte[] still = webp(2, 2, 1, 2, 3, 0xff);
    byte[] frame = Arrays.copyOfRange(still, 12, still.length);
    assertRefused(animated(3, 4, 2, 0, frame), "its canvas of 3×4, got 2×2 at (2, 0)");
    assertRefused(animated(3, 4, 0, 0), "damaged or cut short");
  }

  @Test
  void aWebpBombIsRefusedOnItsHeader() {
    byte[] still = webp(16_384, 16_384, 1, 2, 3, 0xff);
    assertRefused(still, "pixels, this one has 16384×16384 = 268435456");
    assertRefused(animated(16_384, 16_384, 0, 0), "this one has 16384×16384 = 268435456");
    byte[] frame = Arrays.copyOfRange(still, 12, still.length);
    assertRefused(animated(2, 2, 0, 0, frame), "this one has 16384×16384 = 268435456");
  }

  @Test
  void threadsReadWebpAtOnce() {
    byte[] webp = lossyWebp();
    byte[] expected = decoder.decode(webp).rgb();
    IntStream.range(0, 256)
        .parallel()
        .forEach(i -> assertThat(decoder.decode(webp).rgb()).isEqualTo(expected));
  }

  @Test
  void aCutOrDamagedWebpIsRefusedOrReadAndNeverAnotherError() {
    byte[] whole = lossyWebp();
    for (int length = 12; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> decoder.decode(cut)).isInstanceOf(TrimtabException.class);
    }
    Random random = new Random(13);
    for (int trial = 0; trial < 300; trial++) {
      byte[] damaged = whole.clone();
      damaged[12 + random.nextInt(damaged.length - 12)] = (byte) random.nextInt();
      try {
        decoder.decode(damaged);
      } catch (TrimtabException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      }
    }
  }

  @Test
  void jpegOfOneColourIsThatColour() throws IOException {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    image.createGraphics().fillRect(0, 0, 16, 16);
    assertThat(decoder.decode(encode(image, "jpeg")).rgb()).containsOnly(255);
    BufferedImage grey = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
    assertThat(decoder.decode(encode(grey, "jpeg")).rgb()).containsOnly(0);
  }

  @Test
  void aColourProfileChangesNothing() throws IOException {
    byte[] plain = encode(noise(BufferedImage.TYPE_INT_RGB), "jpeg");
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    ByteArrayOutputStream segment = new ByteArrayOutputStream();
    segment.write("ICC_PROFILE\0".getBytes(StandardCharsets.US_ASCII));
    segment.write(1);
    segment.write(1);
    segment.write(profile);
    // After JFIF's own segment, which must stay the first.
    byte[] tagged = insert(plain, 20, 0xe2, segment.toByteArray());
    assertThat(decoder.decode(tagged).rgb()).isEqualTo(decoder.decode(plain).rgb());
  }

  @Test
  void adobesTransformSaysWhatThreeComponentsAre() throws IOException {
    int[] components = {200, 100, 50};
    byte[] plain = jpeg(components);
    assertColour(decoder.decode(insert(plain, 2, 0xee, adobe(0))), 200, 100, 50);
    // BT.601: R = Y + 1.402 (Cr - 128), and so on.
    assertColour(decoder.decode(insert(plain, 2, 0xee, adobe(1))), 91, 255, 150);
  }

  @Test
  void chromaOfHalfTheHeightIsBlendedAsLibjpegTurboDoesIt() {
    // Sampling 1×2, and the digest of what libjpeg-turbo 2.1 decodes.
    RgbImage image = decoder.decode(Base64.getDecoder().decode(HALF_HIGH_JPEG));
    CRC32 digest = new CRC32();
    digest.update(image.rgb());
    assertThat(digest.getValue()).isEqualTo(748395452L);
  }

  @Test
  void cmykIsReadInvertedAsAdobeWritesIt() throws IOException {
    byte[] cmyk = jpeg(255, 128, 0, 255);
    assertColour(decoder.decode(cmyk), 255, 128, 0);
    byte[] darker = jpeg(255, 128, 0, 128);
    assertColour(decoder.decode(darker), 128, 64, 0);
    // YCCK: grey 55 is complemented to 200, read inverted as 200.
    byte[] ycck = insert(jpeg(55, 128, 128, 255), 2, 0xee, adobe(2));
    assertColour(decoder.decode(ycck), 200, 200, 200);
  }

  @Test
  void onePixelAndALineAreDecoded() throws IOException {
    for (String format : new String[] {"png", "jpeg", "gif", "bmp"}) {
      assertThat(decoder.decode(encode(new BufferedImage(1, 1, 1), format)).rgb()).hasSize(3);
      RgbImage line = decoder.decode(encode(new BufferedImage(10_000, 1, 1), format));
      assertThat(line.width()).isEqualTo(10_000);
    }
  }

  @Test
  void aBombIsRefusedOnItsHeader() {
    byte[] header =
        bytes(
            0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 1,
            0x86, 0xa0, 0, 1, 0x86, 0xa0, 8, 2, 0, 0, 0, 0, 0, 0, 0);
    assertRefused(header, "A picture may have 65535 pixels a side, this one has 100000×100000");
    byte[] gif =
        bytes(
            'G', 'I', 'F', '8', '9', 'a', 255, 255, 255, 255, 0, 0, 0, ',', 0, 0, 0, 0, 1, 0, 1, 0,
            0, 2, 2, 0x4c, 0x01, 0, ';');
    assertRefused(gif, "A picture may have 33554432 pixels, this one has 65535×65535 = 4294836225");
  }

  @ParameterizedTest
  @CsvSource({"40, 4", "40, 5", "52, 5", "108, 5", "124, 4"})
  void aBmpThatHoldsAnotherFormatIsRefusedBeforeItsMemoryIsTaken(int header, int compression) {
    // 1×1 pixels; the reader would take the stated 2 GiB for the JPEG or PNG inside.
    ByteBuffer bmp = ByteBuffer.allocate(14 + header).order(ByteOrder.LITTLE_ENDIAN);
    bmp.put(bytes('B', 'M')).putInt(14 + header).putInt(0).putInt(14 + header);
    bmp.putInt(header).putInt(1).putInt(1).putShort((short) 1).putShort((short) 0);
    bmp.putInt(compression).putInt(0x7fffffff);
    assertRefused(bmp.array(), "holds a JPEG or PNG (compression " + compression);
  }

  @Test
  void aJpegMayHaveTheScansThatEncodersWriteAndNotAThousand() throws IOException {
    byte[] few = progressive(1);
    RgbImage image = decoder.decode(few);
    assertThat(image.width()).isEqualTo(WIDTH);
    assertThat(image.height()).isEqualTo(HEIGHT);
    int scans = JpegHeader.read(few).scans();
    assertThat(scans).isBetween(4, 20);
    decoder.decode(progressive(101 - scans));
    assertRefused(progressive(102 - scans), "A JPEG of 777 pixels may have 100 scans");
    assertRefused(progressive(1000), "this one has " + (999 + scans));
  }

  @Test
  void aJpegWithTheMostPixelsMayHaveFewerScans() throws IOException {
    PictureDecoder full = new PictureDecoder(new PictureLimits(1 << 20, WIDTH * HEIGHT, 100));
    int scans = JpegHeader.read(progressive(1)).scans();
    full.decode(progressive(21 - scans));
    byte[] more = progressive(22 - scans);
    assertThatThrownBy(() -> full.decode(more)).hasMessageContaining("20 scans, this one has 21");
  }

  @Test
  void aScanHidesNeitherBehindWhatLibjpegPassesOverNorBehindAnEarlierEnd() throws IOException {
    byte[] plain = progressive(1);
    int scans = JpegHeader.read(plain).scans();
    for (byte[] hiding :
        new byte[][] {
          bytes(0xff, 0xfe, 0, 0), // a comment whose length is too small
          bytes(0xff, 0xfe, 0, 1),
          bytes(0xff, 0x02, 0xff, 0xff), // no marker that has a length
          bytes(0xff, 0xd9), // tables alone end before the picture begins
        }) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(plain, 0, 2);
      out.writeBytes(hiding);
      out.write(plain, 2, plain.length - 2);
      assertThat(JpegHeader.read(out.toByteArray()).scans()).isEqualTo(scans);
    }
    // What follows a picture is no part of it, such as the smaller ones that cameras append.
    ByteArrayOutputStream two = new ByteArrayOutputStream();
    two.writeBytes(plain);
    two.writeBytes(plain);
    assertThat(JpegHeader.read(two.toByteArray()).scans()).isEqualTo(scans);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 0x40})
  void aGifIsReadUpToItsLastPixelAndNotBeyond(int interlace) {
    // One column of nine pixels, blue and red in turn, by codes of three bits without a table.
    byte[] head =
        bytes(
            'G', 'I', 'F', '8', '9', 'a', 1, 0, 9, 0, 0x80, 0, 0, 255, 0, 0, 0, 0, 255, ',', 0, 0,
            0, 0, 1, 0, 9, 0, interlace, 2);
    BitWriter codes = new BitWriter();
    for (int row = 0; row < 9; row++) {
      codes.write(4, 3); // the table anew, so that codes keep their width
      codes.write(row % 2, 3);
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(head);
    whole.write(codes.bytes().length);
    whole.writeBytes(codes.bytes());
    ByteArrayOutputStream more = new ByteArrayOutputStream();
    more.writeBytes(whole.toByteArray());
    whole.writeBytes(bytes(1, 5, 0, ';')); // the end code, no more blocks
    more.writeBytes(bytes(3, 0, 0, 0, 255)); // codes for pixels that aren't there, cut short
    assertThat(decoder.decode(more.toByteArray()).rgb())
        .isEqualTo(decoder.decode(whole.toByteArray()).rgb());
  }

  @Test
  void limitsAreInclusive() throws IOException {
    byte[] png = encode(new BufferedImage(10, 10, 1), "png");
    new PictureDecoder(new PictureLimits(png.length, 100, 10)).decode(png);
    PictureDecoder tight = new PictureDecoder(new PictureLimits(png.length, 99, 10));
    assertThatThrownBy(() -> tight.decode(png)).hasMessageContaining("10×10 = 100");
    PictureDecoder small = new PictureDecoder(new PictureLimits(png.length - 1, 100, 10));
    assertThatThrownBy(() -> small.decode(png)).hasMessageContaining("may take");
  }

  @ParameterizedTest
  @CsvSource({"png", "jpeg", "gif", "bmp"})
  void whatIsCutShortIsRefused(String format) throws IOException {
    byte[] whole = encode(noise(BufferedImage.TYPE_3BYTE_BGR), format);
    for (double share : new double[] {0.01, 0.1, 0.5, 0.9}) {
      byte[] cut = Arrays.copyOf(whole, (int) (whole.length * share));
      assertThatThrownBy(() -> decoder.decode(cut))
          .as("%s cut to %s", format, share)
          .isInstanceOf(TrimtabException.class);
    }
  }

  @Test
  void whatIsNoPictureIsToldWhatIs() {
    assertRefused("<svg/>".getBytes(StandardCharsets.UTF_8), "PNG, JPEG, WebP, GIF or BMP");
    assertRefused(new byte[0], "PNG, JPEG, WebP, GIF or BMP");
    assertRefused("GIF89a".getBytes(StandardCharsets.UTF_8), "GIF");
    assertRefused(bytes(0xff, 0xd8, 0xff, 0xe0), "JPEG");
  }

  @Test
  void damageIsAlwaysARefusalAndNeverAnotherError() throws IOException {
    Random random = new Random(11);
    for (String format : new String[] {"png", "jpeg", "gif", "bmp"}) {
      byte[] whole = encode(noise(BufferedImage.TYPE_3BYTE_BGR), format);
      for (int trial = 0; trial < 100; trial++) {
        byte[] damaged = whole.clone();
        for (int i = 0; i < 5; i++) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        try {
          decoder.decode(damaged);
        } catch (TrimtabException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        }
      }
    }
  }

  @Test
  void threadsShareADecoder() throws IOException {
    byte[] png = encode(noise(BufferedImage.TYPE_INT_RGB), "png");
    byte[] expected = decoder.decode(png).rgb();
    IntStream.range(0, 64)
        .parallel()
        .forEach(i -> assertThat(decoder.decode(png).rgb()).isEqualTo(expected));
  }

  private void assertRefused(byte[] encoded, String message) {
    assertThatThrownBy(() -> decoder.decode(encoded))
        .isInstanceOf(TrimtabException.class)
        .hasMessageContaining(message);
  }

  /** Quantisation at quality 1 leaves a level or two. */
  private static void assertColour(RgbImage image, int... rgb) {
    for (int i = 0; i < image.rgb().length; i++) {
      assertThat(image.rgb()[i] & 0xff).isBetween(rgb[i % 3] - 2, rgb[i % 3] + 2);
    }
  }

  private static BufferedImage noise(int type) {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, type);
    fill(image.getRaster(), 1 << image.getRaster().getSampleModel().getSampleSize(0));
    return image;
  }

  private static void fill(WritableRaster raster, int levels) {
    Random random = new Random(7);
    for (int y = 0; y < raster.getHeight(); y++) {
      for (int x = 0; x < raster.getWidth(); x++) {
        for (int band = 0; band < raster.getNumBands(); band++) {
          raster.setSample(x, y, band, random.nextInt(levels));
        }
      }
    }
  }

  private static byte[] samples(BufferedImage image, int red, int green, int blue) {
    return samples(image, red, green, blue, 0);
  }

  private static byte[] samples(BufferedImage image, int red, int green, int blue, int shift) {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    int[] bands = {red, green, blue};
    for (int i = 0; i < rgb.length; i++) {
      int x = i / 3 % WIDTH;
      int y = i / 3 / WIDTH;
      rgb[i] = (byte) (image.getRaster().getSample(x, y, bands[i % 3]) >> shift);
    }
    return rgb;
  }

  private static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).as("a writer of " + format).isTrue();
    return out.toByteArray();
  }

  /** A JPEG of 16×16 pixels with these components, written as they are and without markers. */
  private static byte[] jpeg(int... components) throws IOException {
    int[] bands = IntStream.range(0, components.length).toArray();
    WritableRaster raster =
        Raster.createInterleavedRaster(0, 16, 16, 16 * bands.length, bands.length, bands, null);
    for (int i = 0; i < 256; i++) {
      raster.setPixel(i % 16, i / 16, components);
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(1);
      writer.write(null, new IIOImage(raster, null, null), param);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  /** A progressive JPEG of grey noise with its last scan that often. */
  private static byte[] progressive(int lastScans) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      writer.write(null, new IIOImage(noise(BufferedImage.TYPE_BYTE_GRAY), null, null), param);
    } finally {
      writer.dispose();
    }
    byte[] once = out.toByteArray();
    int last = once.length - 2;
    while ((once[last] & 0xff) != 0xff || (once[last + 1] & 0xff) != 0xda) {
      last--;
    }
    ByteArrayOutputStream often = new ByteArrayOutputStream();
    often.write(once, 0, last);
    for (int i = 0; i < lastScans; i++) {
      often.write(once, last, once.length - 2 - last);
    }
    often.writeBytes(bytes(0xff, 0xd9));
    return often.toByteArray();
  }

  private static byte[] adobe(int transform) {
    return bytes('A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, transform);
  }

  private static byte[] insert(byte[] jpeg, int at, int marker, byte[] segment) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, at);
    out.writeBytes(bytes(0xff, marker, (segment.length + 2) >> 8, segment.length + 2));
    out.writeBytes(segment);
    out.write(jpeg, at, jpeg.length - at);
    return out.toByteArray();
  }

  /**
   * A lossless WebP of one colour: five prefix codes of a single symbol each, so that the pixels
   * themselves take no bits.
   */
  private static byte[] webp(int width, int height, int red, int green, int blue, int alpha) {
    BitWriter bits = new BitWriter();
    bits.write(0x2f, 8);
    bits.write(width - 1, 14);
    bits.write(height - 1, 14);
    bits.write(1, 1); // alpha is used
    bits.write(0, 3); // version
    bits.write(0, 3); // no transform, no colour cache, no meta prefix codes
    for (int symbol : new int[] {green, red, blue, alpha}) {
      bits.write(0b101, 3); // simple code, one symbol, of eight bits
      bits.write(symbol, 8);
    }
    bits.write(0b0001, 4); // distances: simple code, one symbol, of one bit, 0
    return riff(chunk("VP8L", bits.bytes()));
  }

  /** An animated WebP of one frame, with the frame's chunks. */
  private static byte[] animated(int width, int height, int left, int top, byte[]... chunks) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(bytes(left / 2, 0, 0, top / 2, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    for (byte[] chunk : chunks) {
      frame.writeBytes(chunk);
    }
    int right = width - 1;
    int bottom = height - 1;
    return riff(
        chunk("VP8X", bytes(2, 0, 0, 0, right, right >> 8, 0, bottom, bottom >> 8, 0)),
        chunk("ANMF", frame.toByteArray()));
  }

  private static byte[] riff(byte[]... chunks) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("WEBP".getBytes(StandardCharsets.US_ASCII));
    for (byte[] chunk : chunks) {
      out.writeBytes(chunk);
    }
    return chunk("RIFF", out.toByteArray());
  }

  private static byte[] chunk(String name, byte[] data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(bytes(data.length, data.length >> 8, 0, 0));
    out.writeBytes(Arrays.copyOf(data, data.length + data.length % 2));
    return out.toByteArray();
  }

  private static byte[] lossyWebp() {
    return Base64.getDecoder()
        .decode(
            "UklGRpAAAABXRUJQVlA4IIQAAABQBQCdASobABMAPzmIuFOvKaUisBgMAeAnCWwAnTKEcABBOFQ6e4pFWxpo"
                + "1epLrLQ4OwAA/pWPF0J38Arw81yCD+Q6fjjIHH5FhIdG8dF6dyo5eoKSg9F1Px8UkYs5PB3w44j6gxyZ"
                + "uQFsBT8wvY/0J2xd+Zvax/qQ6Vj/UlNj2W2igAA=");
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** Bits from the least significant of each byte on. */
  private static final class BitWriter {
    private final byte[] buffer = new byte[64];
    private int size;

    void write(int value, int bits) {
      for (int i = 0; i < bits; i++, size++) {
        buffer[size / 8] |= (byte) ((value >> i & 1) << size % 8);
      }
    }

    byte[] bytes() {
      return Arrays.copyOf(buffer, (size + 7) / 8);
    }
  }
}
