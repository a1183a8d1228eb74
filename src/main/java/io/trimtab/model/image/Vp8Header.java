package io.trimtab.model.image;

import io.trimtab.error.TrimtabException;

/**
 * The header of a VP8 key frame (RFC 6386, section 9), read from the first partition, whose reader
 * then stands at the macroblocks' modes.
 *
 * @param width pixels
 * @param height pixels
 * @param modes the first partition, after the header
 * @param tokens partitions of the coefficients; a row of macroblocks takes them in turn
 * @param segmentProbabilities of the segment tree; empty where macroblocks name no segment
 * @param segments quantisers and filter of each of the four segments
 * @param simpleFilter whether only luma is filtered, and that simply
 * @param coefficients probabilities as in {@link Vp8Tables#COEFFICIENTS}
 * @param skips whether macroblocks say if they have no coefficients
 * @param skipProbability of that bit
 */
record Vp8Header(
    int width,
    int height,
    Vp8BoolReader modes,
    Vp8BoolReader[] tokens,
    int[] segmentProbabilities,
    Segment[] segments,
    boolean simpleFilter,
    int[] coefficients,
    boolean skips,
    int skipProbability) {

  /**
   * One segment's quantisers, each the step of the first and of the other coefficients, and its
   * filter for macroblocks predicted whole and in blocks.
   */
  record Segment(int[] luma, int[] lumaMeans, int[] chroma, Filtering whole, Filtering blocks) {}

  /** Strength of the loop filter; a limit of 0 is no filtering. */
  record Filtering(int limit, int interior, int highVariance) {
    static final Filtering NONE = new Filtering(0, 0, 0);

    static Filtering of(int level, int sharpness) {
      int clamped = Math.clamp(level, 0, 63);
      if (clamped == 0) {
        return NONE;
      }
      int interior = clamped;
      if (sharpness > 0) {
        interior = Math.min(interior >> (sharpness > 4 ? 2 : 1), 9 - sharpness);
      }
      interior = Math.max(interior, 1);
      return new Filtering(
          2 * clamped + interior, interior, clamped >= 40 ? 2 : clamped >= 15 ? 1 : 0);
    }
  }

  /** Reads the frame in {@code bytes[from, end)}. */
  static Vp8Header read(byte[] bytes, int from, int end) {
    if (end - from < 10
        || (bytes[from] & 1) != 0
        || bytes[from + 3] != (byte) 0x9d
        || bytes[from + 4] != 0x01
        || bytes[from + 5] != 0x2a) {
      throw TrimtabException.invalid("Expected a VP8 key frame in the WebP picture");
    }
    int first = from + 10;
    int firstEnd = first + (little(bytes, from, 3) >> 5);
    if (firstEnd > end) {
      throw TrimtabException.invalid("A partition of the WebP picture ends beyond its data");
    }
    Vp8BoolReader reader = new Vp8BoolReader(bytes, first, firstEnd);
    reader.number(2); // colour space and clamping say nothing to a decoder that always clamps
    SegmentHeader segment = SegmentHeader.read(reader);
    FilterHeader filter = FilterHeader.read(reader);
    Vp8BoolReader[] tokens = partitions(bytes, firstEnd, end, 1 << reader.number(2));
    Segment[] segments = segments(reader, segment, filter);
    reader.flag(); // whether probabilities outlast the frame
    int[] coefficients = Vp8Tables.COEFFICIENTS.clone();
    for (int i = 0; i < coefficients.length; i++) {
      if (reader.bit(Vp8Tables.UPDATES[i]) == 1) {
        coefficients[i] = reader.number(8);
      }
    }
    boolean skips = reader.flag();
    int skipProbability = skips ? reader.number(8) : 0;
    return new Vp8Header(
        little(bytes, from + 6, 2) & 0x3fff,
        little(bytes, from + 8, 2) & 0x3fff,
        reader,
        tokens,
        segment.tree,
        segments,
        filter.simple,
        coefficients,
        skips,
        skipProbability);
  }

  static int little(byte[] bytes, int at, int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      value |= (bytes[at + i] & 0xff) << 8 * i;
    }
    return value;
  }

  private static Vp8BoolReader[] partitions(byte[] bytes, int from, int end, int count) {
    int start = from + 3 * (count - 1);
    if (start > end) {
      throw TrimtabException.invalid("A partition of the WebP picture begins beyond its data");
    }
    Vp8BoolReader[] readers = new Vp8BoolReader[count];
    for (int i = 0; i < count; i++) {
      int stop = i == count - 1 ? end : Math.min(start + little(bytes, from + 3 * i, 3), end);
      readers[i] = new Vp8BoolReader(bytes, start, stop);
      start = stop;
    }
    return readers;
  }

  private static Segment[] segments(
      Vp8BoolReader reader, SegmentHeader header, FilterHeader filter) {
    int base = reader.number(7);
    int lumaDc = reader.optional(4);
    int meansDc = reader.optional(4);
    int meansAc = reader.optional(4);
    int chromaDc = reader.optional(4);
    int chromaAc = reader.optional(4);
    Segment[] segments = new Segment[4];
    for (int i = 0; i < 4; i++) {
      int q = header.absolute ? header.quantisers[i] : base + header.quantisers[i];
      int level = header.absolute ? header.levels[i] : filter.level + header.levels[i];
      boolean filtered = filter.level > 0;
      int whole = level + filter.wholeDelta;
      segments[i] =
          new Segment(
              new int[] {dc(q + lumaDc, 127), ac(q)},
              new int[] {2 * dc(q + meansDc, 127), Math.max(8, ac(q + meansAc) * 155 / 100)},
              new int[] {dc(q + chromaDc, 117), ac(q + chromaAc)},
              filtered ? Filtering.of(whole, filter.sharpness) : Filtering.NONE,
              filtered
                  ? Filtering.of(whole + filter.blocksDelta, filter.sharpness)
                  : Filtering.NONE);
    }
    return segments;
  }

  private static int dc(int index, int most) {
    return Vp8Tables.DC_STEPS[Math.clamp(index, 0, most)];
  }

  private static int ac(int index) {
    return Vp8Tables.AC_STEPS[Math.clamp(index, 0, 127)];
  }

  /** Section 9.3. Without segments all four are the frame's own. */
  private record SegmentHeader(int[] tree, boolean absolute, int[] quantisers, int[] levels) {
    static SegmentHeader read(Vp8BoolReader reader) {
      int[] quantisers = new int[4];
      int[] levels = new int[4];
      if (!reader.flag()) {
        return new SegmentHeader(new int[0], false, quantisers, levels);
      }
      boolean named = reader.flag();
      boolean absolute = true;
      if (reader.flag()) {
        absolute = reader.flag();
        for (int i = 0; i < 4; i++) {
          quantisers[i] = reader.optional(7);
        }
        for (int i = 0; i < 4; i++) {
          levels[i] = reader.optional(6);
        }
      }
      int[] tree = new int[named ? 3 : 0];
      for (int i = 0; i < tree.length; i++) {
        tree[i] = reader.flag() ? reader.number(8) : 255;
      }
      return new SegmentHeader(tree, absolute, quantisers, levels);
    }
  }

  /** Section 9.6; of the deltas only those of key frames matter. */
  private record FilterHeader(
      boolean simple, int level, int sharpness, int wholeDelta, int blocksDelta) {
    static FilterHeader read(Vp8BoolReader reader) {
      boolean simple = reader.flag();
      int level = reader.number(6);
      int sharpness = reader.number(3);
      int[] deltas = new int[8];
      boolean uses = reader.flag();
      if (uses && reader.flag()) {
        for (int i = 0; i < 8; i++) {
          deltas[i] = reader.optional(6);
        }
      }
      return new FilterHeader(simple, level, sharpness, deltas[0], deltas[4]);
    }
  }
}
