package io.trimtab.model.image;

import java.util.Arrays;

/**
 * Decodes the key frame of a lossy WebP (VP8, RFC 6386) to RGB with libwebp's values, and so
 * Pillow's: bilinear upsampling of chroma and its fixed-point BT.601 included, which ImageIO's
 * readers do otherwise.
 */
final class Vp8Decoder {
  /** From the tree of a luma mode's bits to the mode; leaves are negated. Section 11.2. */
  private static final int[] BLOCK_TREE = {
    -Vp8Prediction.DC, 1, -1, 2, -2, 3, 4, 6, -3, 5, -4, -5, -6, 7, -7, 8, -8, -9
  };

  private final Vp8Header header;
  private final int columns;
  private final int rows;
  private final Vp8Plane luma;
  private final Vp8Plane blue;
  private final Vp8Plane red;
  private final Vp8Residue residue;
  private final int[] modesAbove;
  private final int[] modesLeft = new int[4];
  private final int[] blockModes = new int[16];
  private final Vp8Header.Filtering[] filters;
  private final boolean[] inner;

  private Vp8Decoder(Vp8Header header) {
    this.header = header;
    this.columns = Math.ceilDiv(header.width(), 16);
    this.rows = Math.ceilDiv(header.height(), 16);
    this.luma = new Vp8Plane(16 * columns, 16 * rows);
    this.blue = new Vp8Plane(8 * columns, 8 * rows);
    this.red = new Vp8Plane(8 * columns, 8 * rows);
    this.residue = new Vp8Residue(header, columns);
    this.modesAbove = new int[4 * columns];
    this.filters = new Vp8Header.Filtering[columns * rows];
    this.inner = new boolean[columns * rows];
  }

  static RgbImage decode(Vp8Header header) {
    Vp8Decoder decoder = new Vp8Decoder(header);
    for (int row = 0; row < decoder.rows; row++) {
      decoder.residue.startRow();
      Arrays.fill(decoder.modesLeft, Vp8Prediction.DC);
      for (int column = 0; column < decoder.columns; column++) {
        decoder.macroblock(row, column);
      }
    }
    // Prediction reads unfiltered samples, so filtering waits until all are there.
    decoder.filter();
    return YuvUpsampling.toRgb(
        decoder.luma, decoder.blue, decoder.red, header.width(), header.height());
  }

  private void macroblock(int row, int column) {
    Vp8BoolReader modes = header.modes();
    Vp8Header.Segment segment = header.segments()[segment(modes)];
    boolean skipped = header.skips() && modes.bit(header.skipProbability()) == 1;
    boolean whole = modes.bit(145) == 1;
    int mode = Vp8Prediction.DC;
    if (whole) {
      mode = wholeMode(modes, column);
    } else {
      readBlockModes(modes, column);
    }
    int chromaMode = chromaMode(modes);
    boolean coded = false;
    if (skipped) {
      residue.skip(column, whole);
    } else {
      Vp8BoolReader tokens = header.tokens()[row % header.tokens().length];
      coded = residue.read(tokens, column, whole, segment);
    }
    filters[row * columns + column] = whole ? segment.whole() : segment.blocks();
    inner[row * columns + column] = coded || !whole;
    if (whole) {
      Vp8Prediction.square(luma, 16 * column, 16 * row, 16, mode);
      addResidue(luma, 0, 4, 16 * column, 16 * row);
    } else {
      predictBlocks(16 * column, 16 * row);
    }
    Vp8Prediction.square(blue, 8 * column, 8 * row, 8, chromaMode);
    addResidue(blue, 16, 2, 8 * column, 8 * row);
    Vp8Prediction.square(red, 8 * column, 8 * row, 8, chromaMode);
    addResidue(red, 20, 2, 8 * column, 8 * row);
  }

  private int segment(Vp8BoolReader modes) {
    int[] tree = header.segmentProbabilities();
    if (tree.length == 0) {
      return 0;
    }
    return modes.bit(tree[0]) == 0 ? modes.bit(tree[1]) : 2 + modes.bit(tree[2]);
  }

  private int wholeMode(Vp8BoolReader modes, int column) {
    int mode;
    if (modes.bit(156) == 1) {
      mode = modes.bit(128) == 1 ? Vp8Prediction.TRUE_MOTION : Vp8Prediction.HORIZONTAL;
    } else {
      mode = modes.bit(163) == 1 ? Vp8Prediction.VERTICAL : Vp8Prediction.DC;
    }
    Arrays.fill(modesAbove, 4 * column, 4 * column + 4, mode);
    Arrays.fill(modesLeft, mode);
    return mode;
  }

  private void readBlockModes(Vp8BoolReader modes, int column) {
    for (int i = 0; i < 16; i++) {
      int above = 4 * column + i % 4;
      int p = (modesAbove[above] * 10 + modesLeft[i / 4]) * 9;
      int node = BLOCK_TREE[modes.bit(Vp8Tables.BLOCK_MODES[p])];
      while (node > 0) {
        node = BLOCK_TREE[2 * node + modes.bit(Vp8Tables.BLOCK_MODES[p + node])];
      }
      blockModes[i] = modesAbove[above] = modesLeft[i / 4] = -node;
    }
  }

  private static int chromaMode(Vp8BoolReader modes) {
    if (modes.bit(142) == 0) {
      return Vp8Prediction.DC;
    }
    if (modes.bit(114) == 0) {
      return Vp8Prediction.VERTICAL;
    }
    return modes.bit(183) == 1 ? Vp8Prediction.TRUE_MOTION : Vp8Prediction.HORIZONTAL;
  }

  private void addResidue(Vp8Plane plane, int from, int side, int x, int y) {
    for (int i = 0; i < side * side; i++) {
      if (residue.coded[from + i]) {
        Vp8Transform.addBlock(
            residue.coefficients, 16 * (from + i), plane, x + 4 * (i % side), y + 4 * (i / side));
      }
    }
  }

  private void predictBlocks(int x, int y) {
    // Blocks of the last column all see what lies above the macroblock's right neighbour.
    int[] beyond = new int[4];
    boolean last = x + 16 == 16 * columns;
    for (int i = 0; i < 4; i++) {
      beyond[i] = luma.get(luma.at(last && y > 0 ? x + 15 : x + 16 + i, y - 1));
    }
    int[] aboveRight = new int[4];
    for (int i = 0; i < 16; i++) {
      int left = x + 4 * (i % 4);
      int top = y + 4 * (i / 4);
      for (int j = 0; j < 4; j++) {
        aboveRight[j] = i % 4 == 3 ? beyond[j] : luma.get(luma.at(left + 4 + j, top - 1));
      }
      Vp8Prediction.block(luma, left, top, blockModes[i], aboveRight);
      if (residue.coded[i]) {
        Vp8Transform.addBlock(residue.coefficients, 16 * i, luma, left, top);
      }
    }
  }

  private void filter() {
    for (int i = 0; i < filters.length; i++) {
      Vp8Header.Filtering strength = filters[i];
      if (strength.limit() == 0) {
        continue;
      }
      int x = i % columns;
      int y = i / columns;
      Vp8LoopFilter.Edges edges = inner[i] ? Vp8LoopFilter.Edges.ALL : Vp8LoopFilter.Edges.OUTER;
      if (header.simpleFilter()) {
        Vp8LoopFilter.simple(luma, 16 * x, 16 * y, strength, edges);
      } else {
        Vp8LoopFilter.normal(luma, 16 * x, 16 * y, 16, strength, edges);
        Vp8LoopFilter.normal(blue, 8 * x, 8 * y, 8, strength, edges);
        Vp8LoopFilter.normal(red, 8 * x, 8 * y, 8, strength, edges);
      }
    }
  }
}
