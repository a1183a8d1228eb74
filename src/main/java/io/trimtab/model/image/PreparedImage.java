package io.trimtab.model.image;

/** A picture as the vision graph takes it. */
public sealed interface PreparedImage permits SquareImage, TiledImage, PatchedImage {
  /** Normalised pixels, float32; the layout is the implementation's. Not a copy: do not write. */
  float[] pixels();

  /** Bytes of the pixels. */
  default long bytes() {
    return (long) Float.BYTES * pixels().length;
  }

  /** How many tokens of the prompt the picture stands for. */
  int tokenCount();
}
