package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;
import java.util.Arrays;

/**
 * What a JPEG's markers say about its components, by libjpeg's rules ({@code
 * default_decompress_parms} in jdapimin.c), which are also Pillow's, and how often they go over its
 * pixels.
 *
 * @param colors what the stored components stand for
 * @param halfHigh whether each component has half the rows and all the columns of the picture
 * @param scans at least as many as libjpeg finds
 */
record JpegHeader(Colors colors, boolean[] halfHigh, int scans) {
  /** What the stored components stand for. */
  enum Colors {
    GREY,
    RGB,
    YCC,
    CMYK,
    YCCK
  }

  /**
   * Reads the markers up to the first scan and counts scans from there. Throws INVALID_ARGUMENT
   * where there is no frame.
   */
  static JpegHeader read(byte[] encoded) {
    Markers markers = new Markers();
    markers.read(encoded);
    return new JpegHeader(markers.colors(), markers.halfHigh(), markers.scans);
  }

  private static final class Markers {
    private static final int START_OF_FRAME = 0xc0;
    private static final int RESTART = 0xd0;
    private static final int END_OF_IMAGE = 0xd9;
    private static final int START_OF_SCAN = 0xda;
    private static final int APP0 = 0xe0;
    private static final int APP14 = 0xee;

    private boolean jfif;
    private int adobeTransform = -1;
    private String componentIds = "";

    /** Horizontal factor in the high four bits, vertical in the low ones. */
    private int[] samplings = {};

    private int scans;

    void read(byte[] encoded) {
      int at = 2;
      while (at + 4 <= encoded.length) {
        if ((encoded[at] & 0xff) != 0xff) {
          at++; // compressed data, or garbage between markers, which libjpeg skips
          continue;
        }
        int marker = encoded[at + 1] & 0xff;
        if (marker == 0xff) {
          at++; // fill bytes
          continue;
        }
        if (marker == END_OF_IMAGE && scans > 0) {
          return; // before the first scan it ends a JPEG of tables, which the picture's may follow
        }
        // Below the first frame marker are stuffed bytes of compressed data and what libjpeg passes
        // over, or refuses, whatever follows: a scan must not hide behind a length there.
        if (marker < START_OF_FRAME || (marker >= RESTART && marker <= END_OF_IMAGE)) {
          at += 2;
          continue;
        }
        int length = (encoded[at + 2] & 0xff) << 8 | (encoded[at + 3] & 0xff);
        if (at + 2 + length > encoded.length) {
          return;
        }
        if (marker == START_OF_SCAN) {
          scans++;
        } else if (scans == 0 && length >= 2) {
          readSegment(encoded, marker, at + 4, length - 2);
        }
        at += 2 + Math.max(2, length); // libjpeg passes over a length that is too small
      }
    }

    private void readSegment(byte[] encoded, int marker, int at, int length) {
      if (marker == APP0 && length >= 14 && starts(encoded, at, "JFIF\0")) {
        jfif = true;
      } else if (marker == APP14 && length >= 12 && starts(encoded, at, "Adobe")) {
        adobeTransform = encoded[at + 11] & 0xff;
      } else if (isFrame(marker) && length >= 6) {
        int components = encoded[at + 5] & 0xff;
        StringBuilder ids = new StringBuilder();
        samplings = new int[components];
        for (int i = 0; i < components && 8 + 3 * i < length; i++) {
          ids.append((char) (encoded[at + 6 + 3 * i] & 0xff));
          samplings[i] = encoded[at + 7 + 3 * i] & 0xff;
        }
        componentIds = ids.toString();
      }
    }

    boolean[] halfHigh() {
      int columns = Arrays.stream(samplings).map(s -> s >> 4).max().orElse(1);
      int rows = Arrays.stream(samplings).map(s -> s & 15).max().orElse(1);
      boolean[] halfHigh = new boolean[samplings.length];
      for (int i = 0; i < halfHigh.length; i++) {
        halfHigh[i] = samplings[i] >> 4 == columns && (samplings[i] & 15) * 2 == rows;
      }
      return halfHigh;
    }

    private static boolean isFrame(int marker) {
      return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    private static boolean starts(byte[] encoded, int at, String text) {
      for (int i = 0; i < text.length(); i++) {
        if (encoded[at + i] != (byte) text.charAt(i)) {
          return false;
        }
      }
      return true;
    }

    Colors colors() {
      return switch (componentIds.length()) {
        case 1 -> Colors.GREY;
        case 3 -> {
          if (jfif) {
            yield Colors.YCC;
          }
          if (adobeTransform >= 0) {
            yield adobeTransform == 0 ? Colors.RGB : Colors.YCC;
          }
          yield componentIds.equals("RGB") ? Colors.RGB : Colors.YCC;
        }
        case 4 -> adobeTransform <= 0 ? Colors.CMYK : Colors.YCCK;
        default ->
            throw TrimtabException.invalid(
                "Expected a JPEG with 1, 3 or 4 components, got " + componentIds.length());
      };
    }
  }
}
